"""Figures and their intervals, against closed forms and by their coverage."""

from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.examination.figures import (
    ClassificationFigures,
    RegressionFigures,
    bootstrap_rmse_interval,
    figures,
    wilson_interval,
)
from workers.train_dev_data import Task


def test_classification_is_judged_by_error_and_log_loss() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    found = figures(probabilities, np.array([0, 1]), task=Task.CLASSIFICATION)
    assert isinstance(found, ClassificationFigures)
    assert (found.error, found.log_loss) == pytest.approx((0.5, 1.5 * np.log(2)))


def test_regression_is_judged_by_rmse_and_the_variance_explained() -> None:
    found = figures(np.array([1.0, 2.0, 6.0]), np.array([1.0, 2.0, 3.0]), task=Task.REGRESSION)
    assert isinstance(found, RegressionFigures)
    assert (found.rmse, found.r_squared) == pytest.approx((sqrt(3), 1 - 9 / 2))


@pytest.mark.parametrize(
    ("errors", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, "Two-sided confidence intervals", table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_published_intervals(errors: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(errors, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 5000), st.data())
def test_the_ends_of_wilson_are_where_the_score_test_turns(n: int, data: st.DataObject) -> None:
    errors = data.draw(st.integers(0, n))
    interval = wilson_interval(errors, n)
    assert 0 <= interval.low <= errors / n <= interval.high <= 1
    for end in interval:
        if 0 < end < 1:
            assert abs(errors / n - end) / sqrt(end * (1 - end) / n) == pytest.approx(1.959964, rel=1e-5)


def test_more_confidence_is_a_wider_interval() -> None:
    assert wilson_interval(5, 50, confidence=0.99).low < wilson_interval(5, 50).low


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
def test_wilson_covers_the_true_rate_about_as_often_as_it_says(rate: float) -> None:
    n = 200
    weights = [comb(n, errors) * rate**errors * (1 - rate) ** (n - errors) for errors in range(n + 1)]
    inside = [
        interval.low <= rate <= interval.high for interval in (wilson_interval(e, n) for e in range(n + 1))
    ]
    assert 0.92 < sum(weight for weight, holds in zip(weights, inside, strict=True) if holds) < 0.98


def test_the_bootstrap_covers_the_true_rmse_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    n_studies, covered = 100, 0
    for study in range(n_studies):
        residuals = rng.normal(scale=3.0, size=200)
        interval = bootstrap_rmse_interval(residuals, np.zeros(200), seed=study)
        covered += interval.low <= 3.0 <= interval.high
    assert (
        0.88 <= covered / n_studies <= 0.99
    )  # 0.95, less the percentile bootstrap's bias, give or take 2.3 sd


def test_the_bootstrap_is_about_as_wide_as_theory_has_it() -> None:
    residuals = np.random.default_rng(1).normal(scale=3.0, size=2000)
    interval = bootstrap_rmse_interval(residuals, np.zeros(2000), seed=0)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 3 / sqrt(2 * 2000), rel=0.1)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    predictions, targets = np.arange(50.0), np.sqrt(np.arange(50.0))
    first, again, other = (bootstrap_rmse_interval(predictions, targets, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
