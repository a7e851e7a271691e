"""Choices that make no difference to a table are told, and make none."""

from itertools import product

import numpy as np
import polars as pl
import pytest

from search_spaces.hyperparameters import (
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
)
from service.data.preparation.inputs.effective_choices import effective_choices
from tests.service.data.preparation.inputs.frames import KINDS, fitted, mixed_frame

EVERY = [
    InputChoices(*chosen) for chosen in product(NumericScaling, NumericEncoding, HighCardinalityEncoding)
]
TRAIN = mixed_frame(200, seed=0)


@pytest.mark.parametrize(
    ("frame", "n_different"),
    [
        (TRAIN, 8),
        (TRAIN.drop("street"), 4),
        (TRAIN.drop("size", "age", "wild"), 2),
        (TRAIN.select("pixel", "color"), 1),
    ],
    ids=["all", "few categories", "no numbers", "neither"],
)
def test_choices_give_the_same_inputs_exactly_where_they_become_the_same(
    frame: pl.DataFrame, n_different: int
) -> None:
    kinds = {name: KINDS[name] for name in frame.columns}
    inputs: dict[InputChoices, bytes] = {}
    for choices in EVERY:
        effective = effective_choices(frame, kinds=kinds, choices=choices)
        made = fitted(frame, choices).X_train.tobytes()
        assert inputs.setdefault(effective, made) == made
        np.testing.assert_array_equal(fitted(frame, effective).X_train.tobytes(), made)
    assert len(inputs) == len(set(inputs.values())) == n_different
