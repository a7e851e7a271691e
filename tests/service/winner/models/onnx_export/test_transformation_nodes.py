"""A graph makes the network's inputs of raw columns as the transformation does, whatever the cells hold."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.input_choices import HighCardinalityEncoding, InputChoices
from service.data.inputs.transformation import Transformation
from service.errors import BadInputError
from tests.service.data.inputs.frames import SCALED_CHOICES, any_frames, fitted, mixed_frame
from tests.service.raw_space import RAW
from tests.service.winner.models.onnx_export.winners import onnx_inputs

TRAIN = mixed_frame(600, seed=1)
TARGET_STATISTICS = HighCardinalityEncoding.TARGET_STATISTICS
CHOICES = [
    choices._replace(high_cardinality_encoding=TARGET_STATISTICS)
    for choices in (*SCALED_CHOICES[:4], *SCALED_CHOICES[5:])
]
DAILY = SCALED_CHOICES[6]
TRANSFORMATIONS = {choices: fitted(TRAIN, choices).transformation for choices in CHOICES}


def assert_same_inputs(
    transformation: Transformation, frame: pl.DataFrame, *, train: pl.DataFrame = TRAIN
) -> None:
    found = onnx_inputs(transformation, frame, train=train)
    np.testing.assert_allclose(found, transformation.apply(frame), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_rows_of_every_kind_have_the_same_inputs(choices: InputChoices) -> None:
    assert_same_inputs(TRANSFORMATIONS[choices], TRAIN)
    assert_same_inputs(TRANSFORMATIONS[choices], mixed_frame(500, seed=2))


@given(frame=any_frames(), choices=st.sampled_from(CHOICES))
def test_any_cells_have_the_same_inputs(frame: pl.DataFrame, choices: InputChoices) -> None:
    assert_same_inputs(TRANSFORMATIONS[choices], _without_empty_texts(frame))


@given(train=any_frames(min_rows=2), new=any_frames(), choices=st.sampled_from(CHOICES))
def test_whatever_was_fitted_the_inputs_are_the_same(
    train: pl.DataFrame, new: pl.DataFrame, choices: InputChoices
) -> None:
    train, new = _without_empty_texts(train), _without_empty_texts(new)
    try:
        transformation = fitted(train, choices).transformation
    except BadInputError:  # nothing to learn from
        return
    assert_same_inputs(transformation, new, train=train)


def test_each_day_of_800_years_is_told() -> None:
    first = datetime(1600, 1, 1)  # noqa: DTZ001 (tables' dates have no zone)
    days = [first + timedelta(days=n, hours=n % 24) for n in range(292_195)]
    frame = pl.DataFrame({"sold": pl.Series(days, dtype=pl.Datetime("us"))})
    transformation = fitted(frame).transformation
    assert transformation.n_inputs == 7
    assert_same_inputs(transformation, frame, train=frame)


def test_days_are_told_where_they_begin_and_end() -> None:
    midnights = (
        pl.Series("sold", [-1, 0, 1, 2, 19_000] * 5, dtype=pl.Int32).cast(pl.Date).cast(pl.Datetime("us"))
    )
    train = midnights.to_frame()
    transformation = fitted(train, DAILY).transformation
    assert transformation.input_names[-1] == "sold=2022-01-08"
    shifts = [-86_400_000_000, -1_000_000, 0, 1_000_000, 86_399_000_000]
    assert_same_inputs(
        transformation,
        pl.concat([train.with_columns(pl.col("sold") + pl.duration(microseconds=it)) for it in shifts]),
    )


def test_a_date_beyond_the_calendar_has_no_day_of_the_year() -> None:
    limits = [-96_465_293, -96_465_292, 95_026_236, 95_026_237]
    days = pl.Series("sold", [day * 86_400_000_000 for day in limits])
    frame = pl.DataFrame({"sold": days.cast(pl.Datetime("us"))})
    transformation = fitted(TRAIN.select("sold")).transformation
    day_of_year = transformation.apply(frame)[:, 2:4]
    np.testing.assert_array_equal(np.any(day_of_year != 0, axis=1), [False, True, True, False])
    assert_same_inputs(transformation, frame)


@pytest.mark.parametrize("train", [["a", "b"] * 9, ["a", "b"] * 9 + ["c"], ["a", "b"] * 9 + [None]])
def test_a_cell_whose_like_was_never_seen_has_the_same_inputs(train: list[str | None]) -> None:
    """With and without an input for rare categories, or for missing cells."""
    seen, new = (pl.DataFrame({"color": cells}) for cells in (train, ["a", "b", "c", "new", None]))
    assert_same_inputs(fitted(seen).transformation, new, train=seen)


def test_hashed_categories_are_refused_with_what_can_be_done() -> None:
    transformation = fitted(TRAIN).transformation
    with pytest.raises(BadInputError, match=r"^--onnx: .* \"target_statistics\" .* \(hashed: 'street'\)$"):
        onnx_inputs(transformation, TRAIN, train=TRAIN)


@pytest.mark.parametrize("column", ["size", "sold", "color"])
def test_raw_inputs_are_refused(column: str) -> None:
    transformation = fitted(TRAIN.select(column), RAW).transformation
    with pytest.raises(BadInputError, match=r"^--onnx: expected the inputs of a network, got raw ones"):
        onnx_inputs(transformation, TRAIN, train=TRAIN)


def test_a_category_without_its_text_is_no_unseen_one() -> None:
    transformation = TRANSFORMATIONS[CHOICES[0]]
    some = TRAIN.filter(pl.col("street") != "street 7")
    with pytest.raises(
        ValueError, match=r"^expected a text for each category .*, got \d+ of \d+ \(column 'street'\)$"
    ):
        onnx_inputs(transformation, TRAIN, train=some)


def _without_empty_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """No table has an empty category: it is a missing cell."""
    texts = pl.col("color", "street")
    return frame.with_columns(pl.when(texts.str.len_bytes() > 0).then(texts))


def test_numbers_of_the_smallest_scale_are_not_taken_for_zero() -> None:
    cells = (np.random.default_rng(0).normal(3, 1, 200) * 1e-60).tolist()
    for choices in CHOICES:
        train = pl.DataFrame({"size": cells})
        assert_same_inputs(fitted(train, choices).transformation, train, train=train)
