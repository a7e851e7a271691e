"""Pruning: thresholds are what successive halving's definition gives, and travel as plain values."""

from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import TrialState

from service.configuration.study_config import PrunerConfig, PrunerName
from service.search.pruning import NoPruner, SuccessiveHalving, make_pruner
from workers.messages import Threshold

Trial = tuple[TrialState, list[float]]

ended_trials = st.lists(
    st.tuples(
        st.sampled_from([TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]),
        st.lists(st.integers(1, 50).map(lambda percent: percent / 100), min_size=1, max_size=27),
    ),
    min_size=6,  # so that most examples have thresholds; fewer trials have a test of their own
    max_size=25,
)


def by_definition(trials: list[Trial], rung: int, factor: int) -> float | None:
    """Return the worst metric that a newcomer may have at a rung, from all trials that reached it."""
    reached = [
        min(metrics[:rung])
        for state, metrics in trials
        if state is not TrialState.FAIL and (len(metrics) >= rung or state is TrialState.COMPLETE)
    ]
    if len(reached) < factor:
        return None
    n_kept = (len(reached) + 1) // factor  # of those that reached it and the newcomer
    return sorted(reached)[n_kept - 1]


@given(ended_trials, st.integers(2, 4))
def test_thresholds_are_those_of_the_definition(trials: list[Trial], factor: int) -> None:
    pruner = SuccessiveHalving(max_epochs=27, reduction_factor=factor)
    for state, metrics in trials:
        pruner.learn(state, metrics)

    rungs = sorted({27 // factor**k for k in (1, 2, 3)} - {0})
    expected = [(rung, by_definition(trials, rung, factor)) for rung in rungs]
    assert pruner.thresholds() == tuple(Threshold(r, value) for r, value in expected if value is not None)


def test_a_trial_that_stopped_early_counts_at_later_rungs_and_one_that_was_pruned_does_not() -> None:
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3)
    for metric in (0.1, 0.2, 0.3):
        pruner.learn(TrialState.COMPLETE, [0.9, metric])
        pruner.learn(TrialState.PRUNED, [0.9, metric - 0.1])

    assert pruner.thresholds() == (Threshold(1, 0.9), Threshold(3, 0.1))


def test_a_trial_is_ranked_by_its_best_up_to_the_rung_and_not_by_what_came_after() -> None:
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3)
    for first in (0.7, 0.8, 0.9):
        pruner.learn(TrialState.COMPLETE, [first, 0.6, 0.65, 0.5, 0.1, 0.2, 0.3, 0.4, 0.5])

    assert pruner.thresholds() == (Threshold(1, 0.7), Threshold(3, 0.6))


def test_nobody_is_pruned_before_enough_trials_have_reached_a_rung() -> None:
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3)
    for _ in range(2):
        pruner.learn(TrialState.COMPLETE, [0.1] * 9)

    assert pruner.thresholds() == ()


def test_one_epoch_leaves_nothing_to_prune() -> None:
    pruner = SuccessiveHalving(max_epochs=1, reduction_factor=3)
    for _ in range(9):
        pruner.learn(TrialState.COMPLETE, [0.1])

    assert pruner.thresholds() == ()


def test_each_name_makes_its_pruner() -> None:
    halving = make_pruner(PrunerConfig(reduction_factor=2), max_epochs=8)
    none = make_pruner(PrunerConfig(kind=PrunerName.NONE), max_epochs=8)
    for pruner in (halving, none):
        for _ in range(4):
            pruner.learn(TrialState.COMPLETE, [0.3] * 8)

    assert [threshold.epoch for threshold in halving.thresholds()] == [1, 2, 4]
    assert isinstance(none, NoPruner)
    assert none.thresholds() == ()
