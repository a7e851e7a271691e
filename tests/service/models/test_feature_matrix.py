"""Arrays are read by position, data frames by name, and nothing is read that is no finite number."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.models.feature_matrix import feature_matrix
from tests.service.models.data_frame import DataFrame

NAMES = ("a", "b", "c")
X = np.arange(12.0).reshape(4, 3)


@given(columns=st.permutations(["a", "b", "c", "extra", "y"]), dtype=st.sampled_from(["f8", "i4", "O"]))
def test_a_frames_columns_are_found_by_name_in_any_order(columns: list[str], dtype: str) -> None:
    values = np.full((4, 5), -1.0)
    for name, column in zip(NAMES, X.T, strict=True):
        values[:, columns.index(name)] = column
    np.testing.assert_array_equal(feature_matrix(DataFrame(columns, values.astype(dtype)), NAMES), X)


@pytest.mark.parametrize(
    "array", [X, X.astype(np.int8), X.astype(np.float32), X.tolist(), np.asfortranarray(X)]
)
def test_an_arrays_columns_are_in_order(array: Any) -> None:  # noqa: ANN401 (anything NumPy reads)
    read = feature_matrix(array, NAMES)
    np.testing.assert_array_equal(read, X)
    assert read.dtype == np.float64


def with_value(value: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    changed = X.copy()
    changed[2, 1] = value
    return changed


REFUSED = {
    "missing columns": (DataFrame("bx", X), r"columns that are missing: 'a', 'c'$"),
    "a column twice": (DataFrame("abcb", np.ones((2, 4))), "no two columns have one name, found two: 'b'"),
    "text in a frame": (
        DataFrame("abc", np.array([["1", "red", "2"]])),
        r"number in every row: .*column 'b'",
    ),
    "text in an array": ([["1", "red", "2"]], "could not convert string to float"),
    "NaN": (
        with_value(np.nan),
        r"finite number in every row, found nan \(row 2, counted from 0, column 'b'\)",
    ),
    "infinity in a frame": (DataFrame("abc", with_value(-np.inf)), r"found -inf \(row 2, .*'b'\)"),
    "too few columns": (X[:, :2], r"reads 3 features \('a', 'b', 'c'\), found 2 columns"),
    "one example": (X[0], r"array \(n_examples, n_features\), found shape \(3,\)"),
}


@pytest.mark.parametrize(("features", "match"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_read_is_refused_in_words(features: Any, match: str) -> None:  # noqa: ANN401 (likewise)
    with pytest.raises(ValueError, match=match):
        feature_matrix(features, NAMES)
