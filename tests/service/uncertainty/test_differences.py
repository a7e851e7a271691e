"""The difference of two models on the same rows: closed forms, an independent hand, no interval."""

from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from service.uncertainty.differences import paired_difference
from service.uncertainty.interval import Interval
from service.uncertainty.intervals import interval_of
from tests.service.uncertainty.paired_worlds import ALIKE, EQUAL, DrawnPair
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure
from workers.train_dev_data import Task

RNG_OF_A_PAIR = 4


def drawn(metric: Metric, n: int = 300) -> DrawnPair:
    """Draw rows that two equally good models predict."""
    name = "two classes" if metric.task is Task.CLASSIFICATION else "numbers"
    return EQUAL[name][0](np.random.default_rng(RNG_OF_A_PAIR), n)


def interval_on(metric: Metric, pair: DrawnPair) -> Interval:
    interval = paired_difference(
        metric, pair.first, pair.second, pair.y, units=pair.units, rules=ALIKE
    ).interval
    assert interval is not None
    return interval


@pytest.mark.parametrize("metric", [metric for metric in Metric if metric is not Metric.CALIBRATION_ERROR])
def test_it_lies_around_the_difference_and_turns_with_the_models(metric: Metric) -> None:
    pair = drawn(metric)
    one, other = (
        measure(metric, predictions, pair.y, target_deviation=1.0, rule=MOST_PROBABLE)
        for predictions in (pair.first, pair.second)
    )
    found = paired_difference(metric, pair.first, pair.second, pair.y, units=None, rules=ALIKE)
    turned = paired_difference(metric, pair.second, pair.first, pair.y, units=None, rules=ALIKE)
    assert found.value == pytest.approx(one - other)
    assert found.interval is not None
    assert turned.interval is not None
    assert sum(found.interval) / 2 == pytest.approx(found.value)
    assert turned.interval == pytest.approx((-found.interval.high, -found.interval.low))


@pytest.mark.parametrize("metric", [metric for metric in Metric if metric is not Metric.CALIBRATION_ERROR])
def test_it_is_narrower_than_of_two_samples_and_copies_make_it_no_narrower(metric: Metric) -> None:
    pair = drawn(metric)
    of_each = [
        interval_of(metric, predictions, pair.y, units=None, seed=0, rule=MOST_PROBABLE).interval
        for predictions in (pair.first, pair.second)
    ]
    low, high = interval_on(metric, pair)
    assert high - low < 0.9 * sqrt(sum((each.high - each.low) ** 2 for each in of_each))
    four = np.repeat(np.arange(300), 4)
    copies = DrawnPair(pair.first[four], pair.second[four], pair.y[four], four)
    low_of_copies, high_of_copies = interval_on(metric, copies)
    assert high_of_copies - low_of_copies == pytest.approx(high - low, rel=0.15)


def test_a_mean_of_losses_has_students_interval_of_the_differences() -> None:
    """But for the degrees of freedom, which the differences' own tails decide, and each row's share."""
    pair = drawn(Metric.MAE, 2000)
    differences = np.abs(pair.first - pair.y) - np.abs(pair.second - pair.y)
    half = student.ppf(0.975, 1999) * differences.std(ddof=1) / sqrt(2000)
    low, high = interval_on(Metric.MAE, pair)
    assert (high - low) / 2 == pytest.approx(half, rel=0.01)


def test_the_variance_of_an_areas_difference_is_delongs() -> None:
    pair = drawn(Metric.ROC_AUC, 400)

    def placements(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        above = scores[pair.y == 1][:, np.newaxis] > scores[pair.y == 0]
        return above.mean(axis=1), above.mean(axis=0)

    of_first, of_second = (placements(each[:, 1]) for each in (pair.first, pair.second))
    variance = sum(
        np.var(one - other, ddof=1) / len(one) for one, other in zip(of_first, of_second, strict=True)
    )
    low, high = interval_on(Metric.ROC_AUC, pair)
    assert (high - low) / 2 == pytest.approx(2.0 * sqrt(variance), rel=0.04)


def test_an_error_has_mcnemars_variance_and_one_row_more() -> None:
    """Of 100 rows the first model alone is wrong on 12, the second alone on 5."""
    y = np.zeros(100, dtype=np.int64)
    first = np.eye(2)[(np.arange(100) < 12).astype(int)]
    second = np.eye(2)[((np.arange(100) >= 12) & (np.arange(100) < 17)).astype(int)]
    low, high = interval_on(Metric.ERROR, DrawnPair(first, second, y, None))
    d = 0.07
    deviations = 12 * (1 - d) ** 2 + 5 * (1 + d) ** 2 + 83 * d**2
    assert (low + high) / 2 == pytest.approx(d)
    by_hand = sqrt(deviations / 99**2 + 1 / 100**2)
    assert (high - low) / 2 == pytest.approx(by_hand * student.ppf(0.975, 2 * 18), rel=0.04)


@pytest.mark.parametrize("metric", [Metric.ERROR, Metric.BALANCED_ERROR, Metric.MACRO_F1])
@pytest.mark.parametrize("units", [None, np.arange(60) // 6])
def test_models_that_agree_on_few_rows_are_not_known_to_agree_on_all(
    metric: Metric, units: NDArray[np.intp] | None
) -> None:
    """Of groups without a difference as if their rows always fell together."""
    y = np.arange(60) % 2
    same = np.eye(2)[np.where(np.arange(60) < 7, 1 - y, y)]
    low, high = interval_on(metric, DrawnPair(same, same, y, units))
    assert low < 0 < high
    assert high > (0.1 if units is not None else 0.03)


def test_a_group_that_errs_together_counts_as_one() -> None:
    y, groups = np.zeros(200, dtype=np.int64), np.arange(200) // 20
    first, second = np.eye(2)[(groups < 3).astype(int)], np.eye(2)[y]
    by_groups = interval_on(Metric.ERROR, DrawnPair(first, second, y, groups))
    by_rows = interval_on(Metric.ERROR, DrawnPair(first, second, y, None))
    assert by_rows.low > 0 > by_groups.low
    assert paired_difference(Metric.ERROR, first, second, y, units=groups, rules=ALIKE).method == (
        "paired, Student's t, 10 independent groups or records"
    )
    assert "too narrow: all rows are of one group" in (
        paired_difference(
            Metric.ERROR, first, second, y, units=np.zeros(200, dtype=np.intp), rules=ALIKE
        ).method
    )


def test_without_an_interval_it_is_said_why() -> None:
    pair = drawn(Metric.ERROR)
    of_calibration = paired_difference(
        Metric.CALIBRATION_ERROR, pair.first, pair.second, pair.y, units=None, rules=ALIKE
    )
    of_one_class = paired_difference(
        Metric.ROC_AUC, pair.first, pair.second, np.zeros(300, dtype=np.int64), units=None, rules=ALIKE
    )
    of_one_row = paired_difference(
        Metric.ERROR, pair.first[:1], pair.second[:1], pair.y[:1], units=None, rules=ALIKE
    )
    assert [each.interval for each in (of_calibration, of_one_class, of_one_row)] == [None] * 3
    assert of_calibration.method == "no interval, as calibration errors add up magnitudes"
    assert of_one_class.method.startswith("no interval, as ")
    assert of_one_row.method == "no interval of a single row"


@pytest.mark.parametrize(("n_positive", "has_interval"), [(1, False), (9, False), (10, True)])
def test_areas_of_few_rows_of_a_class_have_no_interval(n_positive: int, *, has_interval: bool) -> None:
    """DeLong's variance knows nothing of rows that did not come: one row alone would never move an area."""
    rng = np.random.default_rng(0)
    y = (np.arange(60) < n_positive).astype(np.int64)
    first, second = (rng.dirichlet([1, 1], 60) for _ in range(2))
    found = paired_difference(Metric.ROC_AUC, first, second, y, units=None, rules=ALIKE)
    assert (found.interval is not None) is has_interval
    perfect = np.eye(2)[y]
    assert paired_difference(Metric.ROC_AUC, perfect, perfect, y, units=None, rules=ALIKE).interval is None


def test_perfect_models_of_numbers_do_not_differ() -> None:
    y = np.arange(30.0)
    for metric in (Metric.RMSE, Metric.MAE, Metric.R_SQUARED):
        assert interval_on(metric, DrawnPair(y, y, y, None)) == (0, 0)
