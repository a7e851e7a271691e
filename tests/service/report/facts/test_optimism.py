"""What flatters a dev figure: closed forms, a simulated search, and the metric's own sense and bounds."""

from math import pi, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from service.report.facts.optimism import estimate_optimism, expected_maximum
from workers.metrics.metric import Metric


@pytest.mark.parametrize(("n", "expected"), [(1, 0.0), (2, 1 / sqrt(pi)), (3, 3 / (2 * sqrt(pi)))])
def test_the_largest_of_few_normals_is_expected_where_it_is_known_to_be(n: int, expected: float) -> None:
    assert expected_maximum(n) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("n", [10, 100, 10_000])
def test_the_largest_of_many_normals_is_the_mean_of_its_density(n: int) -> None:
    mean, _ = quad(lambda x: x * n * norm.pdf(x) * norm.cdf(x) ** (n - 1), -12, 12, points=[0, 2, 4])
    assert expected_maximum(n) == pytest.approx(mean, abs=1e-8)


def test_the_largest_of_none_is_refused() -> None:
    with pytest.raises(ValueError, match="needs n >= 1, got n = 0"):
        expected_maximum(0)


def test_it_is_what_a_search_among_equals_is_off_by() -> None:
    rng = np.random.default_rng(0)
    n_trials, n_dev, rate = 40, 400, 0.2
    best = rng.binomial(n_dev, rate, size=(4000, n_trials)).min(axis=1) / n_dev
    found = estimate_optimism(
        Metric.ERROR,
        dev_figure=float(best.mean()),
        standard_error=sqrt(rate * (1 - rate) / n_dev),
        n_trials=n_trials,
    )
    assert found.size == pytest.approx(rate - best.mean(), rel=0.05)
    assert found.without == pytest.approx(rate, abs=0.003)


def test_what_flatters_is_taken_off_in_the_metrics_own_sense() -> None:
    lower = estimate_optimism(Metric.RMSE, dev_figure=10.0, standard_error=2.0, n_trials=2)
    higher = estimate_optimism(Metric.R_SQUARED, dev_figure=0.5, standard_error=0.1, n_trials=2)
    assert lower.size == pytest.approx(2 / sqrt(pi))
    assert lower.without == pytest.approx(10 + 2 / sqrt(pi))
    assert higher.size == pytest.approx(0.1 / sqrt(pi))
    assert higher.without == pytest.approx(0.5 - 0.1 / sqrt(pi))


@pytest.mark.parametrize(
    ("metric", "figure", "worst"), [(Metric.ERROR, 0.9, 1.0), (Metric.ROC_AUC, 0.2, 0.0)]
)
def test_no_figure_is_made_worse_than_the_worst(metric: Metric, figure: float, worst: float) -> None:
    found = estimate_optimism(metric, dev_figure=figure, standard_error=0.3, n_trials=50)
    assert found.without == worst
    assert found.size == pytest.approx(0.3 * expected_maximum(50))


def test_a_lone_trial_flatters_too_by_its_best_epoch() -> None:
    alone = estimate_optimism(Metric.ERROR, dev_figure=0.1, standard_error=0.01, n_trials=1)
    assert alone.n_trials == 1
    assert alone.n_standard_errors == expected_maximum(2)


def test_without_a_standard_error_it_is_told_in_standard_errors_alone() -> None:
    early = estimate_optimism(Metric.ERROR, dev_figure=0.1, standard_error=None, n_trials=10)
    assert (early.size, early.without) == (None, None)
    assert early.n_standard_errors == pytest.approx(1.5387527308)
