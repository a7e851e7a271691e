"""Intervals and standard errors, against published figures and closed forms, and where nothing went wrong."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from service.uncertainty.intervals import interval_of, standard_error
from service.uncertainty.mean_losses import loss_totals
from service.uncertainty.proportions import wilson_interval
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure, metrics_of
from workers.train_dev_data import Task

Z = 1.959964


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
            assert abs(errors / n - end) / sqrt(end * (1 - end) / n) == pytest.approx(Z, rel=1e-5)


def right_but_for(n: int, n_wrong: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return predictions of class 0 alone that are wrong so often, and the classes of as many examples."""
    y = np.zeros(n, dtype=np.int64)
    return np.eye(2)[(np.arange(n) < n_wrong).astype(np.int64)], y


def test_an_error_of_rows_that_came_by_themselves_has_wilsons_interval() -> None:
    predictions, y = right_but_for(60, 7)
    told = interval_of(Metric.ERROR, predictions, y, units=None, seed=0, rule=MOST_PROBABLE)
    assert told.interval == pytest.approx(wilson_interval(7, 60))
    assert told.method == "Wilson"


def test_every_row_twice_is_worth_as_much_as_once() -> None:
    predictions, y = right_but_for(60, 7)
    twice, unit = np.repeat(np.arange(60), 2), np.repeat(np.arange(60), 2)
    once = interval_of(Metric.ERROR, predictions, y, units=None, seed=0, rule=MOST_PROBABLE).interval
    told = interval_of(Metric.ERROR, predictions[twice], y[twice], units=unit, seed=0, rule=MOST_PROBABLE)
    assert told.method == "Wilson, 60 independent groups or records"
    assert told.interval.low < once.low < once.high < told.interval.high  # by Student's t, as v is estimated
    assert told.interval.high - told.interval.low == pytest.approx(once.high - once.low, rel=0.25)


def test_without_an_error_groups_are_worth_what_they_would_be_if_their_rows_always_fell_together() -> None:
    predictions, y = right_but_for(100, 0)
    sizes = np.array([60, 10, 10, 10, 10])
    told = interval_of(
        Metric.ERROR, predictions, y, units=np.repeat(np.arange(5), sizes), seed=0, rule=MOST_PROBABLE
    )
    z2, kish = Z**2, 100**2 / (sizes**2).sum()
    assert told.interval == pytest.approx((0.0, z2 / (kish + z2)))


def test_of_12_positives_without_a_miss_a_quarter_may_be_missed() -> None:
    """A bootstrap has none of it in any resample: its interval ends at the negatives' part."""
    y = np.repeat([0, 1], [288, 12])
    predictions = np.eye(2)[np.where(np.arange(300) < 29, 1, y)]
    low, high = interval_of(
        Metric.BALANCED_ERROR, predictions, y, units=None, seed=0, rule=MOST_PROBABLE
    ).interval
    of_positives = wilson_interval(0, 12).high / 2
    assert of_positives > 0.12
    assert high > 0.05 + of_positives
    assert low < 0.05


@pytest.mark.parametrize("metric", [Metric.BALANCED_ERROR, Metric.MACRO_F1, Metric.ROC_AUC, Metric.ERROR])
def test_no_error_in_few_examples_is_not_certainty(metric: Metric) -> None:
    y = np.repeat([0, 1], 10)
    predictions = np.eye(2)[y]
    low, high = interval_of(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE).interval
    assert metric.perfect in (low, high)
    assert high - low > 0.1
    assert standard_error(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE) == pytest.approx(
        (high - low) / (2 * Z)
    )


def test_two_classes_alike_have_the_balanced_error_of_two_independent_shares() -> None:
    """Newcombe's interval of a difference of proportions, method 10, is the same of their sum."""
    y = np.repeat([0, 1], [48, 56])
    named = np.where(np.arange(104) < 12, 1 - y, y)
    named[48:56] = 0  # 12 of 48 and 8 of 56
    low, high = interval_of(
        Metric.BALANCED_ERROR, np.eye(2)[named], y, units=None, seed=0, rule=MOST_PROBABLE
    ).interval
    one, other = wilson_interval(12, 48), wilson_interval(8, 56)
    mean = (12 / 48 + 8 / 56) / 2
    assert low == pytest.approx(mean - sqrt((12 / 48 - one.low) ** 2 + (8 / 56 - other.low) ** 2) / 2)
    assert high == pytest.approx(mean + sqrt((one.high - 12 / 48) ** 2 + (other.high - 8 / 56) ** 2) / 2)


def drawn(
    metric: Metric, n: int = 200
) -> tuple[NDArray[np.float64], NDArray[np.int64] | NDArray[np.float64]]:
    """Predictions of examples that are right more often than not."""
    rng = np.random.default_rng(3)
    if metric.task is Task.REGRESSION:
        y = rng.standard_normal(n)
        return y + rng.normal(scale=0.5, size=n), y
    labels = rng.integers(3, size=n)
    weights = rng.uniform(size=(n, 3)) + 0.7 * np.eye(3)[labels]
    return weights / weights.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("metric", [m for m in Metric if m is not Metric.CALIBRATION_ERROR])
def test_a_figure_lies_inside_its_interval_which_is_about_as_wide_as_its_standard_error_has_it(
    metric: Metric,
) -> None:
    predictions, y = drawn(metric)
    low, high = interval_of(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE).interval
    assert low < measure(metric, predictions, y, target_deviation=1.0, rule=MOST_PROBABLE) < high
    of_normal = 2 * Z * standard_error(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE)
    assert high - low == pytest.approx(of_normal, rel=0.25)


@pytest.mark.parametrize("metric", list(Metric))
def test_numbers_of_units_tell_nothing_but_which_rows_share_them(metric: Metric) -> None:
    predictions, y = drawn(metric)
    pairs = np.arange(200) // 2
    by_pairs, by_others, by_rows, alone = (
        interval_of(metric, predictions, y, units=units, seed=0, rule=MOST_PROBABLE)
        for units in (pairs, 7 + 3 * pairs, np.arange(200), None)
    )
    assert by_pairs == by_others
    assert by_rows == alone
    assert by_pairs.method == f"{alone.method}, 100 independent groups or records"


@pytest.mark.parametrize("metric", list(Metric))
def test_copies_of_rows_do_not_make_a_figure_more_certain(metric: Metric) -> None:
    predictions, y = drawn(metric)
    copies = np.repeat(np.arange(200), 4)
    once = standard_error(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE)
    of_copies = standard_error(
        metric, predictions[copies], y[copies], units=copies, seed=0, rule=MOST_PROBABLE
    )
    as_rows = standard_error(metric, predictions[copies], y[copies], units=None, seed=0, rule=MOST_PROBABLE)
    assert 0.8 * once < of_copies < 1.2 * once or metric is Metric.ROC_AUC
    assert of_copies > 1.4 * as_rows


def test_rows_of_a_single_unit_count_by_themselves_and_it_is_said() -> None:
    predictions, y = right_but_for(60, 7)
    told = interval_of(Metric.ERROR, predictions, y, units=np.full(60, 4), seed=0, rule=MOST_PROBABLE)
    assert told.interval == pytest.approx(wilson_interval(7, 60))
    assert told.method == "Wilson, too narrow: all rows are of one group"


def test_an_rmse_of_normal_residuals_has_the_standard_error_of_theory() -> None:
    residuals = np.random.default_rng(1).normal(scale=3.0, size=20_000)
    found = standard_error(Metric.RMSE, residuals, np.zeros(20_000), units=None, seed=0, rule=MOST_PROBABLE)
    assert found == pytest.approx(3 / sqrt(2 * 20_000), rel=0.04)


def test_an_rmse_of_heavy_tails_is_less_certain_than_of_normal_residuals() -> None:
    residuals = np.random.default_rng(1).standard_t(5, size=20_000)
    figure = sqrt(float(np.mean(residuals**2)))
    found = standard_error(Metric.RMSE, residuals, np.zeros(20_000), units=None, seed=0, rule=MOST_PROBABLE)
    assert found > 1.5 * figure / sqrt(2 * 20_000)


def test_of_very_large_residuals_nothing_is_infinite() -> None:
    predictions, y = drawn(Metric.R_SQUARED)
    for metric in metrics_of(Task.REGRESSION):
        one = interval_of(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE).interval
        huge = interval_of(
            metric, 1e120 * predictions, 1e120 * y, units=None, seed=0, rule=MOST_PROBABLE
        ).interval
        scale = 1.0 if metric is Metric.R_SQUARED else 1e120
        assert huge == pytest.approx((scale * one.low, scale * one.high), rel=1e-9)


@pytest.mark.parametrize(
    ("metric", "of_sample"),
    [
        (Metric.MAE, lambda losses: np.std(losses, ddof=1)),
        (Metric.LOG_LOSS, lambda losses: np.std(losses, ddof=1)),
    ],
)
def test_of_a_mean_the_standard_error_is_that_of_the_mean(
    metric: Metric, of_sample: Callable[[NDArray[np.float64]], float]
) -> None:
    predictions, y = drawn(metric)
    if metric is Metric.MAE:
        losses = np.abs(predictions - y)
    else:
        losses = -np.log(predictions[np.arange(200), y.astype(np.int64)])
    found = standard_error(metric, predictions, y, units=None, seed=0, rule=MOST_PROBABLE)
    assert found == pytest.approx(of_sample(losses) / sqrt(200), rel=0.01)


def test_an_area_that_says_nothing_has_the_standard_error_of_theory() -> None:
    """Hanley and McNeil 1982: of scores that say nothing, Var = (n0 + n1 + 1) / (12 n0 n1)."""
    rng = np.random.default_rng(2)
    y, scores = np.repeat([0, 1], [400, 200]), rng.uniform(size=600)
    interval = interval_of(
        Metric.ROC_AUC, np.stack([1 - scores, scores], axis=1), y, units=None, seed=0, rule=MOST_PROBABLE
    ).interval
    assert interval.high - interval.low == pytest.approx(2 * Z * sqrt(601 / (12 * 400 * 200)), rel=0.05)


def test_the_interval_of_a_perfectly_calibrated_model_often_reaches_zero_and_holds_its_figure() -> None:
    n_at_zero = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        p = rng.beta(2, 2, size=120)
        P, y = np.stack([1 - p, p], axis=1), (rng.uniform(size=120) < p).astype(np.int64)
        low, high = interval_of(
            Metric.CALIBRATION_ERROR, P, y, units=None, seed=seed, rule=MOST_PROBABLE
        ).interval
        n_at_zero += low == 0
        assert (
            low <= measure(Metric.CALIBRATION_ERROR, P, y, target_deviation=1.0, rule=MOST_PROBABLE) <= high
        )
    assert n_at_zero >= 10  # 13; of the percentile interval, none


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    predictions, targets = np.arange(50.0), np.sqrt(np.arange(50.0))
    first, again, other = (
        interval_of(Metric.MAE, predictions, targets, units=None, seed=seed, rule=MOST_PROBABLE)
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_of_more_units_than_are_drawn_blocks_are_as_certain() -> None:
    rng = np.random.default_rng(0)
    residuals = rng.normal(size=40_000)
    (low, high), _ = interval_of(
        Metric.RMSE, residuals, np.zeros(40_000), units=None, seed=0, rule=MOST_PROBABLE
    )
    assert high - low == pytest.approx(2 * Z / sqrt(2 * 40_000), rel=0.15)


def test_of_few_units_the_interval_is_students() -> None:
    predictions, y = drawn(Metric.MAE)
    told = interval_of(Metric.MAE, predictions, y, units=np.arange(200) // 40, seed=0, rule=MOST_PROBABLE)
    assert told.method == "Student's t of the logarithm, 5 independent groups or records"
    assert (
        told.interval.low
        < measure(Metric.MAE, predictions, y, target_deviation=1.0, rule=MOST_PROBABLE)
        < told.interval.high
    )


@pytest.mark.parametrize("metric", metrics_of(Task.REGRESSION))
def test_predictions_without_a_fault_have_an_interval_of_one_point(metric: Metric) -> None:
    y = np.arange(30.0)
    told = interval_of(metric, y, y, units=None, seed=0, rule=MOST_PROBABLE)
    assert told == ((metric.perfect, metric.perfect), "no interval, as no losses differ")
    assert standard_error(metric, y, y, units=None, seed=0, rule=MOST_PROBABLE) == 0


@pytest.mark.parametrize("metric", metrics_of(Task.CLASSIFICATION))
@pytest.mark.parametrize("units", [None, np.arange(12) // 3])
def test_one_class_alone_has_an_interval_too(metric: Metric, units: NDArray[np.intp] | None) -> None:
    y = np.zeros(12, np.int64)
    low, high = interval_of(
        metric, np.tile([0.75, 0.25], (12, 1)), y, units=units, seed=0, rule=MOST_PROBABLE
    ).interval
    assert 0 <= low <= high < 1.01


@pytest.mark.parametrize("metric", list(Metric))
def test_a_single_example_has_an_interval_too(metric: Metric) -> None:
    predictions, y = drawn(metric)
    low, high = interval_of(metric, predictions[:1], y[:1], units=None, seed=0, rule=MOST_PROBABLE).interval
    assert np.isfinite([low, high]).all()
    assert low <= high


@pytest.mark.parametrize("metric", sorted(set(metrics_of(Task.CLASSIFICATION)) - {Metric.LOG_LOSS}))
def test_a_metric_that_adds_up_no_losses_is_not_taken_for_squares(metric: Metric) -> None:
    with pytest.raises(ValueError, match=f"got {metric}"):
        loss_totals(metric, np.array([[0.5, 0.5]]), np.array([0]), np.array([0]))
