"""Intervals and standard errors, against published figures, closed forms, and by their coverage."""

from collections.abc import Callable
from math import comb, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.examination.intervals import bootstrap_interval, standard_error, wilson_interval
from workers.metrics import Metric, measure, metrics_of
from workers.train_dev_data import Task


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


def rmse_interval(residuals: NDArray[np.float64], seed: int) -> tuple[float, float]:
    return bootstrap_interval(Metric.RMSE, residuals, np.zeros(len(residuals)), seed=seed)


def test_the_bootstrap_covers_the_true_rmse_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    n_studies, covered = 60, 0
    for study in range(n_studies):
        low, high = rmse_interval(rng.normal(scale=3.0, size=200), study)
        covered += low <= 3.0 <= high
    assert 0.85 <= covered / n_studies <= 1  # 0.95, less the percentile bootstrap's bias, give or take 3 sd


def test_the_bootstrap_is_about_as_wide_as_theory_has_it() -> None:
    low, high = rmse_interval(np.random.default_rng(1).normal(scale=3.0, size=2000), 0)
    assert high - low == pytest.approx(2 * 1.96 * 3 / sqrt(2 * 2000), rel=0.1)


def test_the_bootstrap_of_an_auc_is_about_as_wide_as_theory_has_it() -> None:
    """Hanley and McNeil 1982: of scores that say nothing, Var = (n0 + n1 + 1) / (12 n0 n1)."""
    rng = np.random.default_rng(2)
    y, scores = np.repeat([0, 1], [400, 200]), rng.uniform(size=600)
    interval = bootstrap_interval(Metric.ROC_AUC, np.stack([1 - scores, scores], axis=1), y, seed=0)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * sqrt(601 / (12 * 400 * 200)), rel=0.12)


def test_the_interval_of_a_perfectly_calibrated_model_often_reaches_zero_and_holds_its_figure() -> None:
    n_at_zero = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        p = rng.beta(2, 2, size=120)
        P, y = np.stack([1 - p, p], axis=1), (rng.uniform(size=120) < p).astype(np.int64)
        low, high = bootstrap_interval(Metric.CALIBRATION_ERROR, P, y, seed=seed)
        n_at_zero += low == 0
        assert low <= measure(Metric.CALIBRATION_ERROR, P, y, target_deviation=1.0) <= high
    assert n_at_zero >= 10  # 13; of the percentile interval, none


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    predictions, targets = np.arange(50.0), np.sqrt(np.arange(50.0))
    first, again, other = (
        bootstrap_interval(Metric.MAE, predictions, targets, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again != other


def drawn(metric: Metric) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Predictions of 200 examples that are right more often than not."""
    rng = np.random.default_rng(3)
    if metric.task is Task.REGRESSION:
        y = rng.standard_normal(200)
        return y + rng.normal(scale=0.5, size=200), y
    labels = rng.integers(3, size=200)
    weights = rng.uniform(size=(200, 3)) + 0.7 * np.eye(3)[labels]
    return weights / weights.sum(axis=1, keepdims=True), labels.astype(np.float64)


@pytest.mark.parametrize("metric", [m for m in Metric if m is not Metric.CALIBRATION_ERROR])
def test_every_metrics_value_lies_inside_its_bootstrap_interval(metric: Metric) -> None:
    predictions, y = drawn(metric)
    truth = y if metric.task is Task.REGRESSION else y.astype(np.int64)
    low, high = bootstrap_interval(metric, predictions, truth, seed=0)
    assert low < measure(metric, predictions, truth, target_deviation=1.0) < high
    of_normal = 2 * 1.96 * standard_error(metric, predictions, truth, seed=0)
    assert high - low == pytest.approx(of_normal, rel=0.25)


def test_no_error_in_few_examples_is_not_certainty() -> None:
    y = np.zeros(20, np.int64)
    assert standard_error(Metric.ERROR, np.eye(2)[y], y, seed=0) > 0.01


def test_an_rmse_is_as_uncertain_as_normal_residuals_make_it() -> None:
    residuals = np.full(200, 10.0)
    assert standard_error(Metric.RMSE, residuals, np.zeros(200), seed=0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("metric", "of_sample"),
    [
        (Metric.MAE, lambda losses: np.std(losses, ddof=1)),
        (Metric.LOG_LOSS, lambda losses: np.std(losses, ddof=1)),
    ],
)
def test_of_a_mean_the_bootstrap_gives_the_standard_error_of_the_mean(
    metric: Metric, of_sample: Callable[[NDArray[np.float64]], float]
) -> None:
    predictions, y = drawn(metric)
    labels = y.astype(np.int64)
    losses = np.abs(predictions - y) if metric is Metric.MAE else -np.log(predictions[np.arange(200), labels])
    truth = y if metric is Metric.MAE else labels
    found = standard_error(metric, predictions, truth, seed=0)
    assert found == pytest.approx(of_sample(losses) / sqrt(200), rel=0.15)


@pytest.mark.parametrize("metric", metrics_of(Task.CLASSIFICATION))
def test_one_class_alone_has_an_interval_too(metric: Metric) -> None:
    y = np.zeros(12, np.int64)
    low, high = bootstrap_interval(metric, np.tile([0.75, 0.25], (12, 1)), y, seed=0)
    assert np.isfinite([low, high]).all()
