"""Arrays are read by position, data frames by name, and their cells are what they would be in a file.

A column of any library is read as what it plainly holds; what pandas and Arrow really hand over, too.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from service.errors import ProctorWarning
from service.python.feature_frame import column_cells, feature_frame, held_frame
from tests.service.python.foreign_columns import (
    NA,
    ArrowBackedColumn,
    ArrowColumn,
    ArrowTable,
    NullableColumn,
    ZonedColumn,
)
from tests.service.winner.models.data_frame import DataFrame, NumberedColumns

NAMES = ("a", "b", "c")
X = np.arange(12.0).reshape(4, 3)


@given(columns=st.permutations(["a", "b", "c", "extra", "y"]), dtype=st.sampled_from(["f8", "i4"]))
def test_a_frames_columns_are_found_by_name_in_any_order(columns: list[str], dtype: str) -> None:
    values = np.full((4, 5), -1.0)
    for name, column in zip(NAMES, X.T, strict=True):
        values[:, columns.index(name)] = column
    read = feature_frame(DataFrame(columns, values.astype(dtype)), NAMES)
    np.testing.assert_array_equal(read.to_numpy(), X)
    assert read.columns == list(NAMES)


@pytest.mark.parametrize(
    "array", [X, X.astype(np.int8), X.astype(np.float32), X.tolist(), np.asfortranarray(X)]
)
def test_an_arrays_columns_are_in_order(array: Any) -> None:  # noqa: ANN401 (anything NumPy reads)
    np.testing.assert_array_equal(feature_frame(array, NAMES).to_numpy(), X)


def test_a_frame_of_polars_is_taken_as_it_is() -> None:
    frame = pl.DataFrame({"c": ["x"], "a": [1], "b": [date(2024, 2, 29)], "d": [None]})
    assert feature_frame(frame, NAMES).equals(frame.select(NAMES))


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        (["red", None, float("nan"), ""], ["red", None, None, ""]),
        ([1, 2.0, 2.5, True], ["1", "2", "2.5", "true"]),
        ([np.datetime64("NaT"), date(2024, 2, 29)], [None, "2024-02-29"]),
        ([np.float64(3), np.bool_(0)], ["3", "false"]),
    ],
)
def test_objects_become_the_texts_that_a_file_would_have(cells: list[Any], texts: list[str | None]) -> None:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    assert feature_frame(column[:, np.newaxis], ("a",))["a"].to_list() == texts


def test_times_and_missing_numbers_keep_their_types() -> None:
    times = np.array([["2024-02-29T10:00", "NaT"]], dtype="datetime64[s]").T
    read = feature_frame(times, ("t",))["t"]
    assert read.dt.to_string("%F %T").to_list() == ["2024-02-29 10:00:00", None]
    assert feature_frame(np.array([[1.0], [np.nan], [np.inf]]), ("a",))["a"].to_list() == [1.0, None, np.inf]


REFUSED = {
    "missing columns": (DataFrame("bx", X), r"missing columns that the model reads: 'a', 'c'$"),
    "a column twice": (DataFrame("abcb", np.ones((2, 4))), "duplicate column name: 'b'"),
    "complex numbers": (X + 1j, r"expected real numbers \(column 'a'\)"),
    "too few columns": (X[:, :2], r"expected 3 columns \('a', 'b', 'c'\), got 2"),
    "one example": (X[0], r"array of shape \(n_examples, n_features\), got shape \(3,\)"),
}


@pytest.mark.parametrize(("features", "match"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_in_words(features: Any, match: str) -> None:  # noqa: ANN401 (likewise)
    with pytest.raises(ValueError, match=match):
        feature_frame(features, NAMES)


@pytest.mark.parametrize("held", [X, X.tolist(), NumberedColumns(X)])
def test_columns_without_names_are_numbered(held: Any) -> None:  # noqa: ANN401 (anything NumPy reads)
    read = held_frame(held)
    assert read.columns == ["x0", "x1", "x2"]
    np.testing.assert_array_equal(read.to_numpy(), X)


def test_all_of_a_frames_columns_are_held_in_their_order() -> None:
    assert held_frame(DataFrame(["c", "a", "b"], X)).columns == ["c", "a", "b"]


def test_categories_of_polars_become_their_texts() -> None:
    frame = pl.DataFrame({"a": pl.Series(["x", None], dtype=pl.Categorical)})
    assert held_frame(frame)["a"].dtype == pl.String
    assert held_frame(frame)["a"].to_list() == ["x", None]


@pytest.mark.parametrize(
    ("held", "error", "message"),
    [
        (X[0], ValueError, r"got shape \(3,\)\. Reshape your data"),
        (X[:, :0], ValueError, r"X has 0 feature\(s\) \(shape=\(4, 0\)\)"),
        (X[:0], ValueError, r"X has 0 sample\(s\) \(shape=\(0, 3\)\)"),
        (csr_array(X), TypeError, r"sparse data are not supported"),
        (DataFrame(["a", "b", "a"], X), ValueError, "duplicate column name: 'a'"),
    ],
)
def test_what_holds_no_features_is_refused(held: Any, error: type[Exception], message: str) -> None:  # noqa: ANN401 (anything at all)
    with pytest.raises(error, match=message):
        held_frame(held)


NOON = datetime(2024, 6, 1, 10)  # noqa: DTZ001 (dates here are UTC, and say no zone)
WIDE = 2**60 + 1
"""Float64 does not hold it."""

READ = {
    "nullable integers": (NullableColumn(np.array([WIDE, 7]), [1]), pl.Int64, [WIDE, None]),
    "nullable floats": (NullableColumn(np.array([0.5, 7, np.nan]), [1]), pl.Float64, [0.5, None, None]),
    "nullable truth": (NullableColumn(np.array([True, True, False]), [1]), pl.Boolean, [True, None, False]),
    "times of a zone": (
        ZonedColumn(np.array(["2024-06-01T10", "NaT"], dtype="M8[ns]")),
        pl.Datetime("us"),
        [NOON, None],
    ),
    "Arrow in pandas": (ArrowBackedColumn(pl.Series([1, None])), pl.Int64, [1, None]),
    "Arrow": (ArrowColumn(pl.Series(["a", None], dtype=pl.Categorical)), pl.String, ["a", None]),
    "Arrow's times of day": (
        ArrowColumn(pl.Series([time(1, 2), None])),
        pl.Datetime("us"),
        [datetime(1970, 1, 1, 1, 2), None],  # noqa: DTZ001 (likewise)
    ),
    "categories": (pl.Series(["a", None], dtype=pl.Enum(["a"])), pl.String, ["a", None]),
    "decimals": (pl.Series([Decimal("1.50"), None]), pl.Float64, [1.5, None]),
    "durations": (pl.Series([timedelta(days=1), None]), pl.Float64, [86_400.0, None]),
    "durations in ms": (pl.Series([1500, None], dtype=pl.Duration("ms")), pl.Float64, [1.5, None]),
    "durations in ns": (pl.Series([1500, None], dtype=pl.Duration("ns")), pl.Float64, [1.5e-6, None]),
    "times of day": (
        pl.Series([time(23, 59, 59, 5), None]),
        pl.Datetime("us"),
        [datetime(1970, 1, 1, 23, 59, 59, 5), None],  # noqa: DTZ001 (likewise)
    ),
    "Polars' times of a zone": (
        pl.Series([NOON.replace(tzinfo=UTC), None]).dt.convert_time_zone("Europe/Oslo"),
        pl.Datetime("us"),
        [NOON, None],
    ),
    "wide integers that fit": (pl.Series([WIDE, None], dtype=pl.Int128), pl.Int64, [WIDE, None]),
    "objects": (pl.Series([Decimal(1), None], dtype=pl.Object), pl.Float64, [1.0, None]),
    "NumPy's durations": (np.array([1500, "NaT"], dtype="m8[ms]"), pl.Float64, [1.5, None]),
    "masked": (np.ma.masked_array([1, 2], mask=[False, True]), pl.Int64, [1, None]),
    "masked, not at all": (np.ma.masked_array([1, 2]), pl.Int64, [1, 2]),
    "the other byte order": (np.array([1, 2], dtype=">i4"), pl.Int32, [1, 2]),
    "bytes of text": (np.array(["größe".encode(), b""]), pl.String, ["größe", ""]),
    "a list": (["a", NA], pl.String, ["a", None]),
}


@pytest.mark.parametrize(("column", "dtype", "cells"), READ.values(), ids=READ.keys())
def test_a_column_is_read_as_what_it_holds(column: Any, dtype: pl.DataType, cells: list[Any]) -> None:  # noqa: ANN401 (any library's)
    read = column_cells("x", column)
    assert (read.name, read.dtype, read.to_list()) == ("x", dtype, cells)


REFUSED_COLUMNS = {
    "lists": (pl.Series([[1], None]), "got lists in column 'x'$"),
    "arrays": (pl.Series([[1], None], dtype=pl.Array(pl.Int64, 1)), "got lists in column 'x'$"),
    "structs": (pl.Series([{"a": 1}]), "got structs in column 'x'$"),
    "binary": (pl.Series([b"\0"]), "got binary data in column 'x'$"),
    "Arrow's lists": (ArrowColumn(pl.Series([[1], None])), "got lists in column 'x'$"),
    "objects": (pl.Series([{1}], dtype=pl.Object), "got sets in column 'x'$"),
    "other bytes": (np.array([b"\xff"]), "expected text in UTF-8, got other bytes in column 'x'$"),
    "records": (np.array([(1, 2)], dtype="i4,i4"), "got tuples in column 'x'$"),
    "complex": (np.array([1j]), r"expected real numbers \(column 'x'\)$"),
    "a matrix": (np.ones((2, 2)), r"one cell per example, got shape \(2, 2\) \(column 'x'\)$"),
}


@pytest.mark.parametrize(("column", "match"), REFUSED_COLUMNS.values(), ids=REFUSED_COLUMNS.keys())
def test_cells_that_are_no_single_value_are_refused_by_the_columns_name(column: Any, match: str) -> None:  # noqa: ANN401 (likewise)
    with pytest.raises(ValueError, match=match):
        column_cells("x", column)


def test_wide_integers_are_rounded_with_a_warning() -> None:
    wide = pl.Series([2**70, 1, None], dtype=pl.Int128)
    with pytest.warns(ProctorWarning, match=r"more than 64 bits are rounded to floats: 'x' in 1 row$"):
        assert column_cells("x", wide).to_list() == [float(2**70), 1.0, None]


def test_an_arrow_table_is_read_by_its_names() -> None:
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"]})
    assert held_frame(ArrowTable(frame)).equals(frame)


def test_a_masked_array_is_missing_where_it_is_masked() -> None:
    X = np.ma.masked_array([[1.0, 2.0], [3.0, 4.0]], mask=[[False, True], [False, False]])
    assert held_frame(X).rows() == [(1.0, None), (3.0, 4.0)]


def test_what_pandas_holds_is_read_like_what_stands_in_for_it() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    zoned = pandas.Series(pandas.to_datetime(["2024-06-01 10:00", None]))
    cases = {
        "boolean": (pandas.array([True, None], dtype="boolean"), [True, None]),
        "Int64": (pandas.array([WIDE, None], dtype="Int64"), [WIDE, None]),
        "Float64": (pandas.array([0.5, None], dtype="Float64"), [0.5, None]),
        "string": (pandas.array(["a", None], dtype="string"), ["a", None]),
        "category": (pandas.Categorical(["a", None]), ["a", None]),
        "objects": (pandas.Series([pandas.NA, True], dtype=object), [None, True]),
        "zone": (zoned.dt.tz_localize("UTC").dt.tz_convert("Europe/Oslo"), [NOON, None]),
        "zoned objects": (zoned.dt.tz_localize("UTC").astype(object), ["2024-06-01T10:00:00", None]),
        "durations": (pandas.to_timedelta(["1s", None]), [1.0, None]),
        "intervals": (pandas.array(pandas.cut([1, 2], [0, 1, 2])), ["(0, 1]", "(1, 2]"]),
    }
    frame = pandas.DataFrame({name: column for name, (column, _) in cases.items()})
    assert held_frame(frame).to_dict(as_series=False) == {name: cells for name, (_, cells) in cases.items()}


def test_what_arrow_holds_is_read_alike_by_itself_and_in_pandas() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    arrow = pytest.importorskip("pyarrow", reason="PyArrow is not installed")
    cases = {
        "i": (arrow.array([WIDE, None]), [WIDE, None]),
        "d": (arrow.array([Decimal("1.5"), None]), [1.5, None]),
        "t": (arrow.array([time(1, 2), None]), [datetime(1970, 1, 1, 1, 2), None]),  # noqa: DTZ001 (likewise)
        "z": (arrow.array([NOON, None], arrow.timestamp("us", "Europe/Oslo")), [NOON, None]),
        "c": (arrow.array(["a", None]).dictionary_encode(), ["a", None]),
        "s": (arrow.array([timedelta(seconds=2), None]), [2.0, None]),
        "n": (arrow.nulls(2), [None, None]),
    }
    table = arrow.table({name: column for name, (column, _) in cases.items()})
    expected = {name: cells for name, (_, cells) in cases.items()}
    assert held_frame(table).to_dict(as_series=False) == expected
    backed = table.drop(["c"]).to_pandas(types_mapper=pandas.ArrowDtype)
    del expected["c"]
    assert held_frame(backed).to_dict(as_series=False) == expected
    with pytest.raises(ValueError, match=r"got month_day_nano_interval in column 'x'$"):
        held_frame(arrow.table({"x": arrow.array([(1, 2, 3)], arrow.month_day_nano_interval())}))
