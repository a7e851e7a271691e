"""The median rule prunes where Optuna's own pruner does, told the best so far of each trial."""

import math
from itertools import accumulate
from statistics import fmean, median

import optuna
from hypothesis import given
from hypothesis import strategies as st
from optuna.pruners import MedianPruner as OptunaMedianPruner
from optuna.trial import TrialState, create_trial

from service.study.search.pruning import MedianPruner, RunningMedian
from workers.messages import FoldThreshold, Threshold

MAX_EPOCHS = 8

badness = st.integers(0, 20).map(float)
curve = st.lists(badness, min_size=1, max_size=MAX_EPOCHS)
trials = st.lists(
    st.tuples(st.sampled_from([TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL]), curve), max_size=12
)


def best_so_far(badnesses: list[float], *, n_epochs: int = MAX_EPOCHS) -> dict[int, float]:
    """Return the best by each epoch, counted from 1; after an early stop what it had reached."""
    so_far = list(accumulate(badnesses, min))
    return dict(enumerate(so_far + so_far[-1:] * (n_epochs - len(so_far)), start=1))


@given(trials, curve, st.integers(1, 4), st.integers(0, 3))
def test_it_prunes_where_optunas_does(
    ended: list[tuple[TrialState, list[float]]], new: list[float], startup: int, warmup: int
) -> None:
    pruner = MedianPruner(max_epochs=MAX_EPOCHS, startup_trials=startup, warmup_epochs=warmup)
    study = optuna.create_study()
    for state, badnesses in ended:
        pruner.learn(state, badnesses, number=0)
        value = None if state is TrialState.FAIL else min(badnesses)
        study.add_trial(create_trial(state=state, value=value, intermediate_values=best_so_far(badnesses)))
    oracle = OptunaMedianPruner(n_startup_trials=startup, n_warmup_steps=warmup + 1)
    thresholds = {threshold.epoch: threshold.value for threshold in pruner.thresholds(0)}

    for epoch, best in best_so_far(new, n_epochs=len(new)).items():
        running = create_trial(
            state=TrialState.RUNNING, intermediate_values=best_so_far(new[:epoch], n_epochs=epoch)
        )
        if epoch < MAX_EPOCHS:
            assert (best > thresholds.get(epoch, math.inf)) == oracle.prune(study, running)


def test_the_warm_up_and_the_last_epoch_have_no_threshold() -> None:
    pruner = MedianPruner(max_epochs=5, startup_trials=2, warmup_epochs=2)
    pruner.learn(TrialState.COMPLETE, [4.0, 3.0, 2.0, 1.0, 0.0], number=0)
    assert pruner.thresholds(0) == ()
    pruner.learn(TrialState.COMPLETE, [6.0, 5.0], number=0)
    assert pruner.thresholds(0) == (Threshold(3, 3.5), Threshold(4, 3.0))


@given(st.lists(st.lists(st.lists(badness, min_size=1, max_size=4), min_size=3, max_size=3), min_size=2))
def test_between_folds_it_is_the_median_of_the_means(trials_of_folds: list[list[list[float]]]) -> None:
    pruner = MedianPruner(max_epochs=4, startup_trials=2, warmup_epochs=0, n_folds=3)
    for folds in trials_of_folds:
        badnesses = [
            fmean([*map(min, folds[:place]), badness]) for place, fold in enumerate(folds) for badness in fold
        ]
        pruner.learn(TrialState.COMPLETE, badnesses, number=0, fold_ends=tuple(accumulate(map(len, folds))))

    assert pruner.fold_thresholds(0) == tuple(
        FoldThreshold(n, median(fmean(map(min, folds[:n])) for folds in trials_of_folds)) for n in (1, 2)
    )
    assert [threshold.value for threshold in pruner.thresholds(0)] == [
        median(min(folds[0][:epoch]) for folds in trials_of_folds) for epoch in (1, 2, 3)
    ]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_after_each_number_it_is_the_median_of_all_so_far(numbers: list[float]) -> None:
    running = RunningMedian()
    for n, number in enumerate(numbers, start=1):
        running.add(number)
        assert (len(running), running.value) == (n, median(numbers[:n]))
