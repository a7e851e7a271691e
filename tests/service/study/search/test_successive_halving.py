"""Successive halving: thresholds are what its definition gives, and travel as plain values."""

from itertools import accumulate
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import TrialState

from service.study.search.pruning import SuccessiveHalving
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
        pruner.learn(state, metrics, number=0)

    rungs = sorted({27 // factor**k for k in (1, 2, 3)} - {0})
    expected = [(rung, by_definition(trials, rung, factor)) for rung in rungs]
    assert pruner.thresholds(0) == tuple(Threshold(r, value) for r, value in expected if value is not None)


def test_a_trial_that_stopped_early_counts_at_later_rungs_and_one_that_was_pruned_does_not() -> None:
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3)
    for metric in (0.1, 0.2, 0.3):
        pruner.learn(TrialState.COMPLETE, [0.9, metric], number=0)
        pruner.learn(TrialState.PRUNED, [0.9, metric - 0.1], number=0)

    assert pruner.thresholds(0) == (Threshold(1, 0.9), Threshold(3, 0.1))


def test_a_trial_is_ranked_by_its_best_up_to_the_rung_and_not_by_what_came_after() -> None:
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3)
    for first in (0.7, 0.8, 0.9):
        pruner.learn(TrialState.COMPLETE, [first, 0.6, 0.65, 0.5, 0.1, 0.2, 0.3, 0.4, 0.5], number=0)

    assert pruner.thresholds(0) == (Threshold(1, 0.7), Threshold(3, 0.6))


def test_nobody_is_pruned_before_enough_trials_have_reached_a_rung() -> None:
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3)
    for _ in range(2):
        pruner.learn(TrialState.COMPLETE, [0.1] * 9, number=0)

    assert pruner.thresholds(0) == ()


def test_one_epoch_leaves_nothing_to_prune() -> None:
    pruner = SuccessiveHalving(max_epochs=1, reduction_factor=3)
    for _ in range(9):
        pruner.learn(TrialState.COMPLETE, [0.1], number=0)

    assert pruner.thresholds(0) == ()


def test_between_folds_it_keeps_the_best_after_1_and_the_reduction_factors_powers() -> None:
    powers = {
        (3, 1): (),
        (3, 2): (1,),
        (3, 5): (1, 3),
        (3, 10): (1, 3, 9),
        (2, 8): (1, 2, 4),
    }
    for (factor, n_folds), expected in powers.items():
        pruner = SuccessiveHalving(max_epochs=1, reduction_factor=factor, n_folds=n_folds)
        for _ in range(factor):
            pruner.learn(TrialState.COMPLETE, [0.5] * n_folds, fold_ends=range(1, n_folds + 1), number=0)
        assert tuple(threshold.n_folds for threshold in pruner.fold_thresholds(0)) == expected


folded_trials = st.lists(
    st.tuples(
        st.sampled_from([TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]),
        st.lists(
            st.lists(st.integers(1, 50).map(lambda percent: percent / 100), min_size=1, max_size=9),
            min_size=4,
            max_size=4,
        ),
        st.integers(0, 3),
    ),
    min_size=3,
    max_size=20,
)


@given(folded_trials)
def test_thresholds_between_folds_are_those_of_the_definition(
    trials: list[tuple[TrialState, list[list[float]], int]],
) -> None:
    """Trials come to their ends, or are pruned or fail after some whole folds, or within the first."""
    pruner = SuccessiveHalving(max_epochs=9, reduction_factor=3, n_folds=4)
    by_epoch: dict[int, list[float]] = {1: [], 3: []}
    by_folds: dict[int, list[float]] = {1: [], 3: []}
    for state, all_folds, n_before in trials:
        n_whole = 4 if state is TrialState.COMPLETE else n_before
        folds = all_folds[: max(n_whole, 1)]
        badnesses = [
            fmean([*map(min, folds[:place]), badness]) for place, fold in enumerate(folds) for badness in fold
        ]
        ends = tuple(accumulate(map(len, folds)))[:n_whole]
        pruner.learn(state, badnesses, fold_ends=ends, number=0)
        if state is TrialState.FAIL:
            continue
        for rung, reached in by_epoch.items():
            if len(folds[0]) >= rung or n_whole:
                reached.append(min(folds[0][:rung]))
        for rung, reached in by_folds.items():
            if n_whole >= rung:
                reached.append(fmean(map(min, folds[:rung])))

    def kept(reached_by_rung: dict[int, list[float]]) -> list[tuple[int, float]]:
        return [
            (rung, sorted(reached)[(len(reached) + 1) // 3 - 1])
            for rung, reached in reached_by_rung.items()
            if len(reached) >= 3
        ]

    assert [(t.epoch, t.value) for t in pruner.thresholds(0)] == kept(by_epoch)
    assert [(t.n_folds, t.value) for t in pruner.fold_thresholds(0)] == kept(by_folds)
