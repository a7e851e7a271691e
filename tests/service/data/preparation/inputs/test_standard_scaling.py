"""Standard scaling of many columns at once is each column's own, and what it was before there were kinds."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from search_spaces.hyperparameters import InputChoices
from service.data.preparation.inputs.column_statistics import summarize
from service.data.preparation.inputs.numeric_columns import NumericColumns, fit_numeric_columns
from service.data.preparation.inputs.numeric_scaling import StandardScaling, fit_standard_scaling
from service.tables.column_kinds import ColumnKind
from service.tables.table import load_table
from tests.service.data.preparation.inputs.frames import inputs_of

finite = st.floats(allow_nan=False, allow_infinity=False)


def plain(
    X: NDArray[np.float64], *, kind: ColumnKind = ColumnKind.IMAGE
) -> tuple[NumericColumns, pl.DataFrame]:
    """Fit on the very columns of X: an image's columns are all kept."""
    frame = pl.DataFrame({f"x{j}": X[:, j] for j in range(X.shape[1])})
    assert kind in (ColumnKind.IMAGE, ColumnKind.NUMERIC)
    return fit_numeric_columns(frame, frame.columns, kind=kind, choices=InputChoices())[0], frame


def by_hand(X: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scale by mean and deviation, of columns divided by their largest magnitude so that none overflows."""
    scale = np.abs(X).max(axis=0)
    scale[scale == 0] = 1
    mean, deviation = (X / scale).mean(axis=0) * scale, (X / scale).std(axis=0) * scale
    deviation[deviation < np.finfo(np.float64).smallest_normal] = 1
    largest = np.finfo(np.float32).max
    with np.errstate(over="ignore"):
        z: NDArray[np.float64] = (X / 2 - mean / 2) / (deviation / 2)
    return np.clip(z, -largest, largest).astype(np.float32)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_complete_numbers_are_scaled_to_the_last_bit_by_the_formula(name: str) -> None:
    table = load_table(name)
    X = np.ascontiguousarray(table.frame.select(table.feature_names).to_numpy()[:100])
    columns, frame = plain(X)
    np.testing.assert_array_equal(inputs_of(columns, frame), by_hand(X))


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=finite))
def test_any_numbers_are_scaled_to_the_last_bit_by_the_formula(X: NDArray[np.float64]) -> None:
    columns, frame = plain(X)
    np.testing.assert_array_equal(inputs_of(columns, frame), by_hand(X))


@pytest.mark.parametrize("n_columns", [2, 3, 65, 130])
def test_a_column_is_scaled_the_same_whatever_stands_beside_it(n_columns: int) -> None:
    X = np.random.default_rng(0).normal(size=(60_000 // n_columns, n_columns))
    together, pairs = fit(X), [fit(X[:, [j, j - 1]]) for j in range(n_columns)]
    np.testing.assert_array_equal(together.mean, [pair.mean[0] for pair in pairs])
    np.testing.assert_array_equal(together.deviation, [pair.deviation[0] for pair in pairs])


@pytest.mark.parametrize("n_columns", [1, 2, 7, 65])
def test_tables_larger_than_the_rows_read_at_once_are_normalized_to_the_last_bit(n_columns: int) -> None:
    X = np.random.default_rng(0).lognormal(size=(700_000 // n_columns // 3, n_columns))
    columns, frame = plain(X)
    np.testing.assert_array_equal(inputs_of(columns, frame), by_hand(X))


def test_cells_that_are_no_finite_number_are_not_counted() -> None:
    X = np.array([[1.0, 5.0], [np.nan, 7.0], [np.inf, -np.inf], [4.0, np.nan], [2.0, 9.0]])
    fitted = fit(X)
    expected = StandardScaler().fit(np.where(np.isinf(X), np.nan, X))
    np.testing.assert_allclose(fitted.mean, expected.mean_, rtol=1e-14)
    np.testing.assert_allclose(fitted.deviation, expected.scale_, rtol=1e-14)


def fit(X: NDArray[np.float64]) -> StandardScaling:
    numbers = pl.DataFrame(X, nan_to_null=True)
    return fit_standard_scaling(numbers, summarize(numbers))
