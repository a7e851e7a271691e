"""The expected best of fewer trials: the mean over all subsets, of random draws alone."""

from itertools import combinations
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.advice.expected_best import expected_best_of, expected_lowest
from workers.metrics.metric import Metric

FIGURES = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8)


@given(FIGURES)
def test_it_is_the_mean_of_the_lowest_over_all_subsets(values: list[float]) -> None:
    by_hand = [fmean(map(min, combinations(values, b))) for b in range(1, len(values) + 1)]
    assert expected_lowest(values) == pytest.approx(by_hand, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("n", [50, 10_000])
def test_of_evenly_spaced_values_it_is_their_order_statistic_however_many(n: int) -> None:
    b = np.arange(1, n + 1)
    # The expected lowest of b numbers drawn without replacement from 1, ..., n.
    assert expected_lowest(range(1, n + 1)) == pytest.approx((n + 1) / (b + 1), rel=1e-11)


def test_it_falls_from_the_mean_to_the_lowest() -> None:
    values = np.random.default_rng(3).lognormal(size=200)
    expected = expected_lowest(values.tolist())
    assert expected[0] == pytest.approx(values.mean())
    assert expected[-1] == values.min()
    assert (np.diff(expected) <= 0).all()


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_what_has_no_best_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="needs values, all finite"):
        expected_lowest(values)


def drawn(*values: float) -> list[FrozenTrial]:
    trials = [create_trial(state=TrialState.COMPLETE, value=value) for value in values]
    for number, trial in enumerate(trials):
        trial.number = number
    return trials


def test_the_default_point_enqueued_points_and_confirmations_are_no_draws() -> None:
    trials = drawn(0.0, 0.5, 0.3, 0.1, 0.2)
    trials[3].set_user_attr("enqueued", 0)
    trials[4].set_user_attr("confirms", 2)
    expected = expected_best_of(trials, Metric.ERROR, sampler="random", pruner="none")
    assert expected.figures == pytest.approx((0.4, 0.3))
    assert expected.n_trials == 2


def test_a_metric_that_is_better_the_higher_has_its_own_sense() -> None:
    expected = expected_best_of(drawn(0.0, 0.5, 0.3), Metric.ROC_AUC, sampler="qmc", pruner="none")
    assert expected.figures == pytest.approx((0.4, 0.5))


@pytest.mark.parametrize(
    ("sampler", "pruner", "reason"),
    [
        ("tpe", "none", "tpe chooses each point by those before it"),
        ("random", "median", "trials that median pruned have no final figure"),
    ],
)
def test_trials_that_are_no_random_draws_have_none_but_a_reason(
    sampler: str, pruner: str, reason: str
) -> None:
    expected = expected_best_of(drawn(0.1, 0.2), Metric.ERROR, sampler=sampler, pruner=pruner)
    assert expected.figures is None
    assert reason in (expected.why_not or "")


def test_before_a_draw_is_complete_there_is_none() -> None:
    expected = expected_best_of(drawn(0.1), Metric.ERROR, sampler="random", pruner="none")
    assert expected.why_not == "no trial that was drawn at random is complete"
