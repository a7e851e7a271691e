"""A transformation read from its description and arrays does what the one described does, to the last bit."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from search_spaces.input_choices import InputChoices
from service.data.inputs.transformation import TransformationDescription
from service.data.inputs.transformation_reading import read_transformation
from tests.service.data.inputs.frames import ALL_CHOICES, fitted, mixed_frame
from tests.service.raw_space import RAW

TRAIN, LATER = mixed_frame(300, seed=0), mixed_frame(50, seed=1)
QUANTILE, TARGET_STATISTICS = ALL_CHOICES[2], ALL_CHOICES[4]


@pytest.mark.parametrize("choices", ALL_CHOICES, ids="-".join)
@pytest.mark.parametrize("n_classes", [0, 3])
def test_json_and_arrays_give_it_back_to_the_last_bit(choices: InputChoices, n_classes: int) -> None:
    transformation, _ = fitted(TRAIN, choices, n_classes=n_classes)
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **transformation.arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        description = TransformationDescription.model_validate_json(
            transformation.description().model_dump_json()
        )
        again = read_transformation(description, dict(arrays))
    np.testing.assert_array_equal(again.apply(LATER), transformation.apply(LATER))
    assert again.input_names == transformation.input_names
    assert again.n_categories == transformation.n_categories
    assert again.unseen(LATER) == transformation.unseen(LATER)
    assert again.description() == transformation.description()
    assert (again.kinds, again.dropped) == (transformation.kinds, transformation.dropped)


@pytest.mark.parametrize(
    ("choices", "name", "change", "message"),
    [
        (QUANTILE, "0_median", lambda a: a[:-1], r"array 0_median: expected shape \(1,\), got \(0,\)"),
        (QUANTILE, "0_median", lambda a: a * np.nan, "0_median: expected only finite numbers"),
        (QUANTILE, "0_median", lambda a: a.astype(np.float32), "0_median: expected float64, got float32"),
        (QUANTILE, "0_scaling_deviation", lambda a: -a, "0_scaling_deviation: expected only numbers above 0"),
        (
            QUANTILE,
            "1_scaling_n_points",
            lambda a: a - a,
            "1_scaling_n_points: expected 3 counts of at least 1",
        ),
        (QUANTILE, "1_scaling_n_points", lambda a: a + 1, "1_scaling_half_quantiles: expected shape"),
        (
            QUANTILE,
            "1_scaling_half_quantiles",
            lambda a: -a,
            "half_quantiles: expected ascending values in each column",
        ),
        (QUANTILE, "6_known_0", lambda a: a[::-1], "6_known_0: expected a row of ascending hashes"),
        (TARGET_STATISTICS, "6_statistics_0", lambda a: a[1:], "6_statistics_0: expected shape"),
        (RAW, "1_offset", lambda a: a[1:], r"1_offset: expected shape \(3,\), got \(2,\)"),
        (RAW, "1_offset", lambda a: a + np.inf, "1_offset: expected only finite numbers"),
        (RAW, "5_known_0", lambda a: a[::-1], "5_known_0: expected a row of ascending hashes"),
        (RAW, "5_known_0", lambda a: a[1:], "5_ranks_0: expected the ranks of 3 categories, from 0"),
        (RAW, "5_ranks_0", lambda a: a + 1, "5_ranks_0: expected the ranks of 4 categories, from 0"),
        (RAW, "5_ranks_0", lambda a: a * 0, "5_ranks_0: expected the ranks of 4 categories, from 0"),
        (RAW, "5_ranks_0", lambda a: a[np.newaxis], "5_ranks_0: expected the ranks of 4 categories, from 0"),
        (RAW, "5_ranks_0", lambda a: a.astype(np.int32), "5_ranks_0: expected int64, got int32"),
    ],
)
def test_arrays_that_are_not_as_described_are_refused_by_name(
    choices: InputChoices,
    name: str,
    change: Callable[[NDArray[np.generic]], NDArray[np.generic]],
    message: str,
) -> None:
    transformation, _ = fitted(TRAIN, choices)
    arrays = transformation.arrays()
    with pytest.raises(ValueError, match=message):
        read_transformation(transformation.description(), {**arrays, name: change(arrays[name])})


def test_arrays_missing_and_one_too_many_are_refused_by_name() -> None:
    transformation, _ = fitted(TRAIN)
    description, arrays = transformation.description(), transformation.arrays()
    with pytest.raises(ValueError, match="arrays that nothing describes: spare"):
        read_transformation(description, {**arrays, "spare": np.zeros(1)})
    del arrays["1_lowest"]
    with pytest.raises(ValueError, match="no array named 1_lowest"):
        read_transformation(description, arrays)


@pytest.mark.parametrize(
    ("choices", "block", "field", "name"),
    [
        (ALL_CHOICES[0], 1, "columns", "numeric"),
        (RAW, 1, "columns", "raw_numbers"),
        (RAW, 4, "parts", "raw_date_parts"),
        (RAW, 5, "columns", "category_codes"),
    ],
)
def test_a_column_that_is_read_twice_is_refused(
    choices: InputChoices, block: int, field: str, name: str
) -> None:
    written = fitted(TRAIN, choices)[0].description().model_dump(mode="json")
    read = written["blocks"][block][field]
    read.append(read[0])
    with pytest.raises(
        ValidationError,
        match=rf"expected a block to read each column once, got duplicates in block {block} \({name}\)",
    ):
        TransformationDescription.model_validate(written)
