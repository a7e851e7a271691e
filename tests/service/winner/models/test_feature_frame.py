"""Arrays are read by position, data frames by name, and their cells are what they would be in a file."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from service.python.feature_frame import feature_frame, held_frame
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
