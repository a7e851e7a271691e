"""Raw numbers are as they are, in the bits that float32 has; what is missing stays missing."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.data.inputs.raw_numbers import fit_raw_numbers
from service.tables.column_kinds import ColumnKind
from tests.service.data.inputs.frames import dates, inputs_of

LARGEST = np.finfo(np.float32).max


def inputs(train: Sequence[float | None], later: Sequence[float | None] | None = None) -> NDArray[np.float32]:
    """Fit on a column of numbers, and return the input of the same or of later ones."""
    frames = [pl.DataFrame({"x": pl.Series(cells, dtype=pl.Float64)}) for cells in (train, later or train)]
    return inputs_of(fit_raw_numbers(frames[0], ["x"], kind=ColumnKind.NUMERIC)[0], frames[1])[:, 0]


def test_numbers_are_as_they_are_and_missing_cells_are_not_filled() -> None:
    cells = [0.1, None, -3.0, 2.5, np.nan, 40.0]
    np.testing.assert_array_equal(inputs(cells), np.array(cells, dtype=np.float32))
    np.testing.assert_array_equal(inputs([1.0, 2.0, 0.0], [None, 9.0]), [np.nan, 9.0])


def test_infinities_and_what_float32_cannot_hold_are_its_largest_number() -> None:
    later = [np.inf, 1e300, -np.inf, -1.7e308, None]
    for train in ([0.0, 1.0, 2.0], [1.7e308, 1.6e308, 1.5e308], [-1.7e308, -1.6e308]):
        np.testing.assert_array_equal(
            inputs(train, later)[[0, 2, 4]], np.array([LARGEST, -LARGEST, np.nan], dtype=np.float32)
        )
    np.testing.assert_array_equal(inputs([0.0, 1.0, 2.0], later)[[1, 3]], [LARGEST, -LARGEST])


@pytest.mark.parametrize(
    "numbers",
    [
        1e12 + np.arange(1000),
        -(2.0**40) + 3 * np.arange(1000),
        1.7e9 + 60 * np.arange(1000),
        20_250_101 + np.arange(1000) / 64,
    ],
    ids=["ids", "negative", "seconds since 1970", "fractions"],
)
def test_numbers_far_from_0_keep_their_order_and_differences(numbers: NDArray[np.float64]) -> None:
    assert len(np.unique(numbers.astype(np.float32))) < 1000
    cells = np.random.default_rng(0).permutation(numbers)
    X = inputs([*cells.tolist(), None])[:-1]
    np.testing.assert_array_equal(np.diff(np.sort(X.astype(np.float64))), np.diff(numbers))
    np.testing.assert_array_equal(X.argsort(), cells.argsort())


def test_a_number_far_from_all_others_does_not_cost_their_differences() -> None:
    seconds = 1.7e9 + np.arange(1000.0)
    X = inputs([*seconds.tolist(), -1.0])[:-1]
    assert np.diff(X).tolist() == [1.0] * 999


def test_small_numbers_among_others_keep_their_differences() -> None:
    small = 1e-9 * np.arange(1, 100)
    X = inputs([*small.tolist(), *np.linspace(0.1, 2, 901).tolist()])
    np.testing.assert_array_equal(X[:99], small.astype(np.float32))


@given(st.lists(st.floats(allow_nan=False), min_size=2), st.lists(st.floats(allow_nan=False), min_size=1))
def test_an_order_is_never_turned(train: list[float], later: list[float]) -> None:
    frame = pl.DataFrame({"x": train})
    fitted, dropped = fit_raw_numbers(frame, ["x"], kind=ColumnKind.NUMERIC)
    if dropped:
        return
    X = inputs_of(fitted, pl.DataFrame({"x": sorted(later)}))[:, 0]
    assert np.isfinite(X).all()
    assert (X[1:] >= X[:-1]).all()


def test_offsets_are_the_train_sets_alone_in_whatever_order_its_rows_are() -> None:
    cells = 1e9 + np.random.default_rng(0).normal(size=1000)
    arrays = [
        fit_raw_numbers(pl.DataFrame({"x": some}), ["x"], kind=ColumnKind.NUMERIC)[0].arrays()["offset"]
        for some in (cells, cells[::-1], np.sort(cells))
    ]
    assert arrays[0].tolist() == arrays[1].tolist() == arrays[2].tolist() == [np.median(cells)]


def test_booleans_days_and_pixels_are_numbers() -> None:
    frame = pl.DataFrame(
        [
            pl.Series("is", [True, False, False, None]),
            dates("2024-01-01", "2024-01-02", "2024-01-06T12:00", None),
            pl.Series("pixel", [255.0, 255.0, 255.0, None]),
            pl.Series("blank", [None] * 4, dtype=pl.Float64),
        ]
    )
    booleans, _ = fit_raw_numbers(frame, ["is"], kind=ColumnKind.BOOLEAN)
    np.testing.assert_array_equal(inputs_of(booleans, frame)[:, 0], [1, 0, 0, np.nan])
    days, _ = fit_raw_numbers(frame, ["sold"], kind=ColumnKind.DATE)
    assert days.input_names == ("sold (days)",)
    np.testing.assert_array_equal(inputs_of(days, frame)[:, 0], [-1, 0, 4.5, np.nan])
    pixels, dropped = fit_raw_numbers(frame, ["pixel", "blank"], kind=ColumnKind.IMAGE)
    assert (pixels.input_names, dropped) == (("pixel", "blank"), {})
    np.testing.assert_array_equal(inputs_of(pixels, frame), [[255, np.nan]] * 3 + [[np.nan] * 2])
    assert (booleans.complete, pixels.complete) == ((), ())


def test_a_column_is_left_out_where_nothing_differs_not_even_what_is_missing() -> None:
    columns = {
        "same": [2.0, 2.0, 2.0],
        "same with gaps": [2.0, None, 2.0],
        "nothing": [None, None, None],
        "infinite": [np.inf, None, -np.inf],
        "x": [1.0, 2.0, 3.0],
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64))
    fitted, dropped = fit_raw_numbers(frame, frame.columns, kind=ColumnKind.NUMERIC)
    assert fitted.input_names == ("same with gaps", "x")
    assert fitted.complete == ("x",)
    assert dropped == {
        "same": "constant in the train set",
        "nothing": "every cell is missing in the train set",
        "infinite": "no cell is a finite number in the train set",
    }
