"""What every pruner does; and those without rungs: none, a fixed threshold, the median."""

from collections.abc import Sequence
from heapq import heappush, heappushpop
from itertools import accumulate
from typing import Protocol

from optuna.trial import TrialState

from workers.messages import FoldThreshold, Threshold


class Pruner(Protocol):
    """Learns from ended trials and decides where to prune a trial that starts now."""

    def learn(
        self, state: TrialState, badnesses: Sequence[float], *, number: int, fold_ends: Sequence[int] = ()
    ) -> None:
        """Take in an ended trial's badness after each of its epochs: lower is better.

        Parameters
        ----------
        state
            How it ended.
        badnesses
            After each epoch; from the second fold on the mean with what the folds before reached.
        number
            Its number in the study.
        fold_ends
            Of a trial with several folds: the number of epochs run by the end of each whole one.
        """
        ...

    def thresholds(self, number: int) -> tuple[Threshold, ...]:
        """Return the thresholds, by ascending epoch of the first fold, for the trial that starts now."""
        ...

    def fold_thresholds(self, number: int) -> tuple[FoldThreshold, ...]:
        """Return those between folds, by ascending number of folds, for the trial that starts now."""
        ...


def first_fold(badnesses: Sequence[float], fold_ends: Sequence[int]) -> Sequence[float]:
    """Return the epochs of a trial's first fold; all where it has one dev set, or came no further."""
    return badnesses[: fold_ends[0]] if fold_ends else badnesses


def reached_by_folds(badnesses: Sequence[float], fold_ends: Sequence[int], n_folds: int) -> float:
    """Return the mean over its first `n_folds` whole folds of the lowest badness of each."""
    start, end = (0, *fold_ends)[n_folds - 1 : n_folds + 1]
    return min(badnesses[start:end])


class NoPruner:
    """Lets each trial run to its own end."""

    def learn(
        self, state: TrialState, badnesses: Sequence[float], *, number: int, fold_ends: Sequence[int] = ()
    ) -> None:
        """Take in nothing."""

    def thresholds(self, number: int) -> tuple[Threshold, ...]:
        """Return none."""
        del number
        return ()

    def fold_thresholds(self, number: int) -> tuple[FoldThreshold, ...]:
        """Return none."""
        del number
        return ()


class ThresholdPruner:
    """Prunes trials whose best badness is above a fixed one, when their warm-up is over.

    One threshold is enough: the best so far never gets worse, so that who passes it once has passed it.
    Between folds it is the mean of what the whole ones reached, which may get worse.

    Parameters
    ----------
    worst_badness
        The highest badness that is not pruned.
    warmup_epochs
        Epochs in which no trial is pruned.
    max_epochs
        The most epochs a training may run.
    n_folds
        Trainings in a trial.
    """

    def __init__(
        self, *, worst_badness: float, warmup_epochs: int, max_epochs: int, n_folds: int = 1
    ) -> None:
        first = warmup_epochs + 1
        self._thresholds = (Threshold(first, worst_badness),) if first < max_epochs else ()
        self._fold_thresholds = tuple(FoldThreshold(fold, worst_badness) for fold in range(1, n_folds))

    def learn(
        self, state: TrialState, badnesses: Sequence[float], *, number: int, fold_ends: Sequence[int] = ()
    ) -> None:
        """Take in nothing."""

    def thresholds(self, number: int) -> tuple[Threshold, ...]:
        """Return the one, after the first epoch that is no warm-up."""
        del number
        return self._thresholds

    def fold_thresholds(self, number: int) -> tuple[FoldThreshold, ...]:
        """Return the same after each fold but the last."""
        del number
        return self._fold_thresholds


class RunningMedian:
    """Keeps the lower half and the upper half of what came, each as a heap: O(log n) a number."""

    def __init__(self) -> None:
        self._lower: list[float] = []  # negated: its top is the largest of the lower half
        self._upper: list[float] = []

    def __len__(self) -> int:
        return len(self._lower) + len(self._upper)

    def add(self, number: float) -> None:
        """Take in a number, which must not be NaN."""
        if len(self._lower) > len(self._upper):
            heappush(self._upper, -heappushpop(self._lower, -number))
        else:
            heappush(self._lower, -heappushpop(self._upper, number))

    @property
    def value(self) -> float:
        """The number in the middle, or the mean of both that are; there must be one."""
        if len(self._lower) > len(self._upper):
            return -self._lower[0]
        return (self._upper[0] - self._lower[0]) / 2


class MedianPruner:
    """Prunes a trial whose best badness so far is above the median of what complete trials had by that epoch.

    Optuna's rule, on the best badness so far in the place of each epoch's own: a curve that goes up and down
    is worth its best epoch. A complete trial that stopped early, its patience used up, counts at later epochs
    with what it reached. Between folds the rule is the same, for the mean of what the whole ones reached.

    Parameters
    ----------
    max_epochs
        The most epochs a training may run.
    startup_trials
        Complete trials before it prunes.
    warmup_epochs
        Epochs in which no trial is pruned.
    n_folds
        Trainings in a trial.

    References
    ----------
    Golovin, D. et al. (2017). Google Vizier: a service for black-box optimization. KDD, section 3.2.2 (there
    with the running mean of each complete trial).
    """

    def __init__(self, *, max_epochs: int, startup_trials: int, warmup_epochs: int, n_folds: int = 1) -> None:
        self._startup_trials = startup_trials
        self._by_epoch = {epoch: RunningMedian() for epoch in range(warmup_epochs + 1, max_epochs)}
        self._by_folds = {fold: RunningMedian() for fold in range(1, n_folds)}

    def learn(
        self, state: TrialState, badnesses: Sequence[float], *, number: int, fold_ends: Sequence[int] = ()
    ) -> None:
        """Take in what a complete trial had reached by each epoch."""
        del number
        if state is not TrialState.COMPLETE:
            return
        so_far = list(accumulate(first_fold(badnesses, fold_ends), min))
        for epoch, median in self._by_epoch.items():
            median.add(so_far[min(epoch, len(so_far)) - 1])
        for fold, median in self._by_folds.items():
            median.add(reached_by_folds(badnesses, fold_ends, fold))

    def thresholds(self, number: int) -> tuple[Threshold, ...]:
        """Return the median by each epoch after the warm-up, but for the last, which ends it anyway."""
        del number
        return tuple(
            Threshold(epoch, median.value)
            for epoch, median in self._by_epoch.items()
            if len(median) >= self._startup_trials
        )

    def fold_thresholds(self, number: int) -> tuple[FoldThreshold, ...]:
        """Return the median after each number of whole folds."""
        del number
        return tuple(
            FoldThreshold(fold, median.value)
            for fold, median in self._by_folds.items()
            if len(median) >= self._startup_trials
        )
