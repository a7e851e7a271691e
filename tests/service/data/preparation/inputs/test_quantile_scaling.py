"""Quantile scaling: ranks as normal scores, within 3 deviations."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.preprocessing import QuantileTransformer

from service.data.preparation.inputs.numeric_scaling import fit_quantile_scaling


def scaled(train: NDArray[np.float64], later: NDArray[np.float64]) -> NDArray[np.float64]:
    return fit_quantile_scaling(pl.DataFrame({"x": train})).apply(later.reshape(-1, 1).copy())[:, 0]


@pytest.mark.parametrize("n_rows", [50, 1000, 20_000])
def test_it_agrees_with_scikit_learn_but_in_the_tails(n_rows: int) -> None:
    random = np.random.default_rng(1)
    train, later = random.lognormal(size=n_rows), random.lognormal(size=500)
    transformer = QuantileTransformer(
        n_quantiles=min(1000, n_rows), output_distribution="normal", subsample=None
    )
    expected = transformer.fit(train.reshape(-1, 1)).transform(later.reshape(-1, 1))[:, 0]
    inner = np.abs(expected) < 2
    assert inner.sum() > 400
    np.testing.assert_allclose(
        scaled(train, later)[inner], expected[inner], atol=0.1 if n_rows < 100 else 0.01
    )


def test_train_cells_get_the_normal_scores_of_their_ranks() -> None:
    train = np.array([3.0, 1e300, -7.0, 0.5, 20.0])
    expected = norm.ppf([0.5, 1, 0, 0.25, 0.75]).clip(-3, 3)
    np.testing.assert_allclose(scaled(train, train), expected, atol=1e-12)


def test_equal_cells_have_the_score_of_their_mean_rank() -> None:
    train = np.array([0.0] * 70 + [1.0] * 31)
    np.testing.assert_allclose(scaled(train, np.array([0.0, 1.0])), norm.ppf([0.345, 0.85]), atol=1e-12)


def test_numbers_outside_the_train_set_s_range_have_the_last_score() -> None:
    train = np.linspace(-1, 1, 11)
    assert scaled(train, np.array([-1e308, 1e308])).tolist() == [-3, 3]


def test_a_range_too_large_for_a_number_keeps_its_order() -> None:
    train = np.array([-1.7e308, 1.7e308, 1.6e308])
    scores = scaled(train, np.array([-1.7e308, -1e308, 0.0, 1e308, 1.65e308, 1.7e308]))
    assert (np.diff(scores) > 0).all()


def test_no_more_than_1001_quantiles_are_kept() -> None:
    fitted = fit_quantile_scaling(pl.DataFrame({"x": np.arange(5000.0), "is": [0.0, 1.0] * 2500}))
    assert fitted.n_points.tolist() == [1001, 2]


def test_a_cell_between_two_of_the_smallest_numbers_stays_between_their_scores() -> None:
    """As a missing cell does, whose median is half of 1e-310: the slope there is more than a float holds."""
    train = np.array([0.0, 1e-310])
    np.testing.assert_allclose(scaled(train, np.array([0, 5e-311, 1e-310])), [-3, 0, 3], atol=1e-9)
