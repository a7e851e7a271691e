"""Normalization is the train set's own: nothing that dev or test contain moves it by a bit."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from service.preparation.normalization import fit_normalization, train_dev_data
from service.seal.openings import Opening
from service.seal.splits import split
from service.tables.examples import Examples
from service.tables.table import load_table
from workers.train_dev_data import Task

finite = st.floats(allow_nan=False, allow_infinity=False)


def train(X: NDArray[np.float64]) -> Examples:
    return Examples(X, np.arange(len(X), dtype=np.float64), np.arange(len(X)))


@pytest.mark.parametrize("name", ["iris", "digits", "diabetes"])
def test_it_agrees_with_scikit_learn(name: str) -> None:
    table = load_table(name)
    normalization = fit_normalization(Examples(table.X, table.y, np.arange(len(table.y))), task=table.task)
    expected = StandardScaler().fit_transform(table.X)
    np.testing.assert_allclose(normalization.apply(table.X), expected, rtol=1e-5, atol=1e-6)
    assert normalization.apply(table.X).dtype == np.float32


@pytest.mark.parametrize("value", [0.0, 0.1, -1e300, 1e16 / 3])
def test_a_constant_column_becomes_exactly_zero(value: float) -> None:
    X = np.full((7, 1), value)
    normalization = fit_normalization(train(X), task=Task.REGRESSION)
    assert normalization.deviation.tolist() == [1]
    assert not normalization.apply(X).any()


@given(arrays(np.float64, (6, 2), elements=finite))
def test_any_finite_columns_become_finite_and_of_deviation_one_or_zero(X: NDArray[np.float64]) -> None:
    Z = fit_normalization(train(X), task=Task.REGRESSION).apply(X)
    assert np.isfinite(Z).all()
    assert np.abs(Z).max() <= 3  # the farthest of m values is at most sqrt(m - 1) deviations away


def test_columns_near_the_largest_float_do_not_overflow() -> None:
    X = np.array([[1.7e308], [-1.7e308], [-1.7e308], [-1.7e308]])
    Z = fit_normalization(train(X), task=Task.REGRESSION).apply(X)
    np.testing.assert_allclose(Z[:, 0], [np.sqrt(3), *3 * [-1 / np.sqrt(3)]], rtol=1e-6)


def test_columns_near_the_smallest_float_do_not_underflow() -> None:
    X = np.array([[0.0], [1e-323]])
    assert np.isfinite(fit_normalization(train(X), task=Task.REGRESSION).apply(X)).all()


def test_what_float32_cannot_hold_is_its_largest_value() -> None:
    normalization = fit_normalization(train(np.array([[0.0], [2.0]])), task=Task.REGRESSION)
    Z = normalization.apply(np.array([[1e300], [-1.7e308]]))
    np.testing.assert_array_equal(Z, [[np.finfo(np.float32).max], [np.finfo(np.float32).min]])


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_garbage_in_the_test_rows_leaves_all_that_workers_receive_as_it_was(name: str) -> None:
    table = load_table(name)
    parts = split(table, seed=5)
    test = parts.test.open(Opening(1, "study", parts.test.fingerprint, 1, 0)).rows
    X, y = table.X.copy(), table.y.copy()
    X[test] = 1e30
    if table.task is Task.REGRESSION:  # classes decide who is in the test set
        y[test] = -1e30
    spoiled = split(replace(table, X=X, y=y), seed=5)
    (data, normalization), (same_data, same_normalization) = train_dev_data(parts), train_dev_data(spoiled)
    for before, after in zip(
        (*astuple(data), *astuple(normalization)),
        (*astuple(same_data), *astuple(same_normalization)),
        strict=True,
    ):
        np.testing.assert_array_equal(before, after)


def test_garbage_in_the_dev_set_does_not_move_the_normalization() -> None:
    parts = split(load_table("diabetes"), seed=5)
    garbage = Examples(parts.dev.X + 1e30, np.full(len(parts.dev.y), -1e30), parts.dev.rows)
    spoiled = replace(parts, dev=garbage)
    for before, after in zip(
        astuple(train_dev_data(parts)[1]), astuple(train_dev_data(spoiled)[1]), strict=True
    ):
        np.testing.assert_array_equal(before, after)


def test_regression_targets_are_standardised_and_restored() -> None:
    parts = split(load_table("diabetes"), seed=0)
    data, normalization = train_dev_data(parts)
    assert (data.n_outputs, data.y_train.dtype.name) == (1, "float32")
    assert data.target_deviation == pytest.approx(np.std(parts.train.y))
    assert (float(data.y_train.mean()), float(data.y_train.std())) == pytest.approx((0, 1), abs=1e-6)
    restored = normalization.restore_targets(data.y_dev[:, 0].astype(np.float32))
    np.testing.assert_allclose(restored, parts.dev.y, rtol=1e-5)


def test_classes_reach_the_workers_as_indices() -> None:
    parts = split(load_table("wine"), seed=0)
    data, _ = train_dev_data(parts)
    assert (data.n_outputs, data.target_deviation, data.y_dev.dtype.name) == (3, 1.0, "int64")
    np.testing.assert_array_equal(data.y_train, parts.train.y)
