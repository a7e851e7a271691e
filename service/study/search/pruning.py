"""Pruners: what each does, and which of them a study's configuration names.

A pruner learns from the trials that have ended, and decides where one that starts now is pruned: by a fixed
threshold, by the median, by successive halving, or by Hyperband, which is several of those.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappush, heappushpop
from itertools import accumulate, repeat, takewhile
from math import ceil
from operator import mul
from typing import Protocol

from optuna.trial import TrialState

from service.configuration.search_config import PrunerConfig, PrunerName
from service.study.search.seeds import bracket_share
from workers.messages import FoldThreshold, Threshold, TrainingRules


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


def _first_fold(badnesses: Sequence[float], fold_ends: Sequence[int]) -> Sequence[float]:
    """Return the epochs of a trial's first fold; all where it has one dev set, or came no further."""
    return badnesses[: fold_ends[0]] if fold_ends else badnesses


def _reached_by_folds(badnesses: Sequence[float], fold_ends: Sequence[int], n_folds: int) -> float:
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
        so_far = list(accumulate(_first_fold(badnesses, fold_ends), min))
        for epoch, median in self._by_epoch.items():
            median.add(so_far[min(epoch, len(so_far)) - 1])
        for fold, median in self._by_folds.items():
            median.add(_reached_by_folds(badnesses, fold_ends, fold))

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


class SuccessiveHalving:
    """Keeps, at each rung, the best 1 / `reduction_factor` of the trials that reached it.

    The stopping form of asynchronous successive halving. Rungs lie at max_epochs / reduction_factor**k for
    k = n_rungs, ..., 1. A trial is judged by its lowest badness so far, since the weights of its best epoch
    are what it will be remembered by. A trial that stopped early, its patience used up, counts at later rungs
    with what it reached: it would not have come further. At least `reduction_factor` ended trials must have
    reached a rung before it prunes.

    Where a trial has several folds, those rungs lie in its first, and the ladder goes on between folds: after
    1, reduction_factor, reduction_factor**2, ... whole ones, by the mean of the lowest badness of each. Every
    trial has the same folds, so that what makes one of them harder than another is in all the means alike.

    Parameters
    ----------
    max_epochs
        The most epochs a training may run.
    reduction_factor
        At least 2.
    n_rungs
        The most rungs by epoch; those below the first epoch are left out.
    n_folds
        Trainings in a trial.

    References
    ----------
    Li, L. et al. (2020). A system for massively parallel hyperparameter tuning. MLSys, algorithm 2 and
    section 3.3 (stopping rather than promotion).
    """

    def __init__(self, *, max_epochs: int, reduction_factor: int, n_rungs: int = 3, n_folds: int = 1) -> None:
        self._reduction_factor = reduction_factor
        rungs = {max_epochs // reduction_factor**k for k in range(1, n_rungs + 1)} - {0}
        self._ranked: dict[int, list[float]] = {rung: [] for rung in sorted(rungs)}
        powers = accumulate(repeat(reduction_factor), mul, initial=1)
        self._ranked_by_folds: dict[int, list[float]] = {
            rung: [] for rung in takewhile(lambda power: power < n_folds, powers)
        }

    def learn(
        self, state: TrialState, badnesses: Sequence[float], *, number: int, fold_ends: Sequence[int] = ()
    ) -> None:
        """Rank an ended trial at each rung that it reached."""
        del number
        if state is TrialState.FAIL:
            return
        first = _first_fold(badnesses, fold_ends)
        is_whole = state is TrialState.COMPLETE or len(fold_ends) > 0
        for rung, ranked in self._ranked.items():
            if len(first) >= rung or is_whole:
                insort(ranked, min(first[:rung]))
        for rung, ranked in self._ranked_by_folds.items():
            if len(fold_ends) >= rung:
                insort(ranked, _reached_by_folds(badnesses, fold_ends, rung))

    def thresholds(self, number: int) -> tuple[Threshold, ...]:
        """Return, for each rung with enough trials, the worst badness that is still kept."""
        del number
        return tuple(Threshold(rung, value) for rung, value in self._kept(self._ranked))

    def fold_thresholds(self, number: int) -> tuple[FoldThreshold, ...]:
        """Return, for each number of folds that enough trials have come to, the worst mean still kept."""
        del number
        return tuple(FoldThreshold(rung, value) for rung, value in self._kept(self._ranked_by_folds))

    def _kept(self, ranked_by_rung: Mapping[int, Sequence[float]]) -> Iterator[tuple[int, float]]:
        for rung, ranked in ranked_by_rung.items():
            if len(ranked) >= self._reduction_factor:
                yield rung, ranked[(len(ranked) + 1) // self._reduction_factor - 1]


class Hyperband:
    """Assigns each trial to a bracket, in which it is pruned by successive halving among its like.

    With eta = reduction_factor and s_max = floor(log_eta(max_epochs / min_epochs)), bracket s = s_max, ..., 0
    has its rungs at max_epochs / eta**k for k = s, ..., 1: the last has none, and its trials run to their own
    end, also between folds. A trial is in bracket s with a probability in proportion to
    ceil((s_max + 1) / (s + 1) * eta**s), the number of trials that Hyperband starts in it. Which one it is
    depends on the study's seed and the trial's number alone.

    Parameters
    ----------
    max_epochs
        The most epochs a training may run.
    min_epochs
        The least epochs before a rung.
    reduction_factor
        At least 2.
    study_seed
        The study's seed.
    n_folds
        Trainings in a trial.

    References
    ----------
    Li, L. et al. (2018). Hyperband: a novel bandit-based approach to hyperparameter optimization. Journal of
    Machine Learning Research 18, algorithm 1.
    """

    def __init__(
        self, *, max_epochs: int, min_epochs: int, reduction_factor: int, study_seed: int, n_folds: int = 1
    ) -> None:
        self._study_seed = study_seed
        n_brackets = 1
        while min_epochs * reduction_factor**n_brackets <= max_epochs:
            n_brackets += 1
        self._brackets = tuple(
            SuccessiveHalving(
                max_epochs=max_epochs,
                reduction_factor=reduction_factor,
                n_rungs=n_rungs,
                n_folds=n_folds if n_rungs else 1,
            )
            for n_rungs in range(n_brackets)
        )
        sizes = [ceil(n_brackets / (s + 1) * reduction_factor**s) for s in range(n_brackets)]
        self._shares = [size / sum(sizes) for size in accumulate(sizes)]

    def bracket(self, number: int) -> int:
        """Return the number of rungs of the bracket that a trial is in."""
        return bisect_right(self._shares[:-1], bracket_share(self._study_seed, number))

    def learn(
        self, state: TrialState, badnesses: Sequence[float], *, number: int, fold_ends: Sequence[int] = ()
    ) -> None:
        """Rank an ended trial in its bracket."""
        self._brackets[self.bracket(number)].learn(state, badnesses, number=number, fold_ends=fold_ends)

    def thresholds(self, number: int) -> tuple[Threshold, ...]:
        """Return those of the trial's bracket."""
        return self._brackets[self.bracket(number)].thresholds(number)

    def fold_thresholds(self, number: int) -> tuple[FoldThreshold, ...]:
        """Return those between folds of the trial's bracket."""
        return self._brackets[self.bracket(number)].fold_thresholds(number)


def make_pruner(config: PrunerConfig, *, rules: TrainingRules, study_seed: int, n_folds: int = 1) -> Pruner:
    """Return a new pruner of the kind that a study names.

    Parameters
    ----------
    config
        The kind, and its options.
    rules
        How long a trial trains, and which metric is watched.
    study_seed
        The study's seed.
    n_folds
        Trainings in a trial.
    """
    max_epochs = rules.max_epochs
    match config.kind:
        case PrunerName.SUCCESSIVE_HALVING:
            return SuccessiveHalving(
                max_epochs=max_epochs, reduction_factor=config.reduction_factor or 2, n_folds=n_folds
            )
        case PrunerName.HYPERBAND:
            return Hyperband(
                max_epochs=max_epochs,
                min_epochs=config.min_epochs or 1,
                reduction_factor=config.reduction_factor or 2,
                study_seed=study_seed,
                n_folds=n_folds,
            )
        case PrunerName.MEDIAN:
            return MedianPruner(
                max_epochs=max_epochs,
                startup_trials=config.startup_trials or 1,
                warmup_epochs=config.warmup_epochs or 0,
                n_folds=n_folds,
            )
        case PrunerName.THRESHOLD:
            return ThresholdPruner(
                worst_badness=rules.watch.badness(config.worst or 0.0),
                warmup_epochs=config.warmup_epochs or 0,
                max_epochs=max_epochs,
                n_folds=n_folds,
            )
        case PrunerName.NONE:
            return NoPruner()
