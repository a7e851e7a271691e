"""One input a day, where train rows share their days; any other day, and a missing one, is all zeros."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from service.data.inputs.date_days import DayColumn, fit_date_days, frequent_days
from tests.service.data.inputs.frames import dates, inputs_of

FIRST = date(1969, 12, 30)


def spread(*counts: int, n_missing: int = 0) -> pl.DataFrame:
    """Return so many rows of each of some days, one after the other from before 1970 on."""
    written = [
        f"{FIRST + timedelta(days=place)}T{row % 24:02}:30"
        for place, count in enumerate(counts)
        for row in range(count)
    ]
    return pl.DataFrame([dates(*written, *[None] * n_missing)])


def test_each_day_has_the_input_that_is_named_after_it() -> None:
    train = spread(5, 6, 7)
    days = fit_date_days(train, ["sold"])
    assert days.input_names == ("sold=1969-12-30", "sold=1969-12-31", "sold=1970-01-01")
    assert days.kinds == {"sold": "date"}
    later = pl.DataFrame(
        [dates("1969-12-30", "1969-12-31T23:59:59", "1970-01-01T00:00", "1970-01-02", "1969-12-29", None)]
    )
    assert inputs_of(days, later).tolist() == [*np.eye(3).tolist(), *[[0, 0, 0]] * 3]
    assert inputs_of(days, train).sum(axis=0).tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("frame", "n_days"),
    [
        (spread(*[5] * 40), 40),
        (spread(*[4] * 40), 0),
        (spread(100), 0),
        (spread(*[9] * 40, *[1] * 40), 40),
        (spread(*[9] * 40, *[1] * 41), 0),
        (spread(*[9] * 40, *[1] * 40, n_missing=1000), 40),
        (spread(*[5] * 512, *[5] * 56), 512),
        (spread(*[5] * 512, *[5] * 57), 0),
        (spread(*[9] * 999), 0),
        (spread(0, n_missing=9), 0),
    ],
    ids=[
        "5 rows each",
        "4 rows each",
        "one day",
        "a tenth rare",
        "more rare",
        "mostly missing",
        "too many by a tenth",
        "too many by more",
        "years",
        "none",
    ],
)
def test_days_have_inputs_where_frequent_ones_hold_nine_rows_in_ten(frame: pl.DataFrame, n_days: int) -> None:
    found = frequent_days(frame["sold"])
    assert len(found) == n_days
    assert (np.diff(found) > 0).all()
    assert len(fit_date_days(frame, ["sold"]).input_names) == n_days


def test_the_inputs_of_a_large_table_s_days_take_400_mb_at_most() -> None:
    day = pl.Series("sold", np.arange(1_000_000) % 101, dtype=pl.Int32)
    assert len(frequent_days(day.cast(pl.Date).cast(pl.Datetime("us")))) == 100


def test_columns_stand_side_by_side_and_those_without_such_days_are_left_out() -> None:
    frame = pl.DataFrame(
        {
            "a": spread(5, 5)["sold"],
            "b": spread(*[1] * 10)["sold"],
            "c": spread(5, 5)["sold"].reverse(),
        }
    )
    days = fit_date_days(frame, ["a", "b", "c"])
    assert [it.column for it in days.description.columns] == ["a", "c"]
    assert inputs_of(days, frame)[[0, -1]].tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]]


@pytest.mark.parametrize("days", [(), (2, 1), (1, 1)])
def test_a_description_has_ascending_days(days: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        DayColumn(column="sold", days=days)
