"""A description is read back as it was written, and one that cannot be is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_spaces.hyperparameters import Hyperparameters
from service.winner.models.model_description import ModelDescription
from tests.service.winner.models.exported_winner import ExportedWinner


@given(figure=st.floats(allow_nan=False, allow_infinity=False), rate=st.floats(5e-324, 1, exclude_min=True))
def test_floats_are_read_back_to_the_last_bit(figure: float, rate: float, iris: ExportedWinner) -> None:
    description = iris.model.description.model_copy(
        update={"dev_figures": {"error": figure}, "hyperparameters": Hyperparameters(l2_lambda=rate)}
    )
    text = description.model_dump_json()
    read = ModelDescription.model_validate_json(text)

    assert read == description
    assert str(read.dev_figures["error"]) == str(figure)  # -0.0 is not 0.0
    assert json.loads(text)["hyperparameters"]["l2_lambda"] == rate  # other readers of JSON see the same


def test_it_is_read_back_whole(winner: ExportedWinner) -> None:
    description = winner.model.description
    assert ModelDescription.model_validate_json(description.model_dump_json(indent=2)) == description


CONTRADICTIONS = {
    "a test figure": ({"test_figures": {"error": 0.1}}, "Extra inputs are not permitted"),
    "a class that is there twice": ({"class_names": ["a", "b", "a"]}, "duplicate class name"),
    "a column that is there twice": (
        {"columns": [{"name": "a", "kind": "numeric"}] * 2},
        "duplicate column name",
    ),
    "one class": ({"class_names": ["a"]}, "got 1 for classification"),
    "classes of a number": ({"task": "regression"}, "got 3 for regression"),
    "no columns": ({"columns": []}, "at least 1 item"),
    "a scaled target of classes": (
        {"target_scaling": {"mean": 0.0, "deviation": 1.0}},
        "expected a scaled target for regression only",
    ),
    "an infinite figure": ({"dev_figures": {"error": "inf"}}, "finite number"),
    "no such task": ({"task": "ranking"}, "'classification' or 'regression'"),
}


@pytest.mark.parametrize(("change", "match"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_what_makes_no_sense_is_refused(change: dict[str, object], match: str, iris: ExportedWinner) -> None:
    fields = iris.model.description.model_dump(mode="json")
    with pytest.raises(ValidationError, match=match):
        ModelDescription.model_validate(fields | change)
