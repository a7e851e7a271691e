"""Which trials to stop early, told before they start, from the trials that have ended by then."""

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, repeat, takewhile
from operator import mul
from typing import Protocol

from optuna.trial import TrialState

from service.configuration.study_config import PrunerConfig, PrunerName
from workers.messages import FoldThreshold, Threshold


class Pruner(Protocol):
    """Learns from ended trials and says where a trial that starts now is to be pruned."""

    def learn(self, state: TrialState, badnesses: Sequence[float], *, fold_ends: Sequence[int] = ()) -> None:
        """Take in an ended trial's badness after each of its epochs: lower is better.

        Parameters
        ----------
        state
            How it ended.
        badnesses
            After each epoch; from the second fold on the mean with what the folds before reached.
        fold_ends
            Of a trial with several folds: the number of epochs run by the end of each whole one.
        """
        ...

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the thresholds, by ascending epoch of the first fold, for a trial that starts now."""
        ...

    def fold_thresholds(self) -> tuple[FoldThreshold, ...]:
        """Return the thresholds between folds, by ascending number of folds, for a trial that starts now."""
        ...


def make_pruner(config: PrunerConfig, *, max_epochs: int, n_folds: int = 1) -> Pruner:
    """Return a new pruner of the kind that a study names."""
    match config.kind:
        case PrunerName.SUCCESSIVE_HALVING:
            return SuccessiveHalving(
                max_epochs=max_epochs, reduction_factor=config.reduction_factor, n_folds=n_folds
            )
        case PrunerName.NONE:
            return NoPruner()


class NoPruner:
    """Lets each trial run to its own end."""

    def learn(self, state: TrialState, badnesses: Sequence[float], *, fold_ends: Sequence[int] = ()) -> None:
        """Take in nothing."""

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return none."""
        return ()

    def fold_thresholds(self) -> tuple[FoldThreshold, ...]:
        """Return none."""
        return ()


class SuccessiveHalving:
    """Keeps, at each rung, the best 1 / `reduction_factor` of the trials that reached it.

    The stopping form of asynchronous successive halving. Rungs lie at max_epochs / reduction_factor**k for
    k = 3, 2, 1. A trial is judged by its lowest badness so far, since the weights of its best epoch are
    what it will be remembered by. A trial that stopped early, its patience used up, counts at later rungs
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
    n_folds
        Trainings in a trial.

    References
    ----------
    Li, L. et al. (2020). A system for massively parallel hyperparameter tuning. MLSys, algorithm 2 and
    section 3.3 (stopping rather than promotion).
    """

    def __init__(self, *, max_epochs: int, reduction_factor: int, n_folds: int = 1) -> None:
        self._reduction_factor = reduction_factor
        rungs = {max_epochs // reduction_factor**k for k in (3, 2, 1)} - {0}
        self._ranked: dict[int, list[float]] = {rung: [] for rung in sorted(rungs)}
        powers = accumulate(repeat(reduction_factor), mul, initial=1)
        self._ranked_by_folds: dict[int, list[float]] = {
            rung: [] for rung in takewhile(lambda power: power < n_folds, powers)
        }

    def learn(self, state: TrialState, badnesses: Sequence[float], *, fold_ends: Sequence[int] = ()) -> None:
        """Rank an ended trial at each rung that it reached."""
        if state is TrialState.FAIL:
            return
        first = badnesses[: fold_ends[0]] if fold_ends else badnesses
        is_whole = state is TrialState.COMPLETE or len(fold_ends) > 0
        for rung, ranked in self._ranked.items():
            if len(first) >= rung or is_whole:
                insort(ranked, min(first[:rung]))
        for rung, ranked in self._ranked_by_folds.items():
            if len(fold_ends) >= rung:
                start, end = (0, *fold_ends)[rung - 1 : rung + 1]
                insort(ranked, min(badnesses[start:end]))

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return, for each rung with enough trials, the worst badness that is still kept."""
        return tuple(Threshold(rung, value) for rung, value in self._kept(self._ranked))

    def fold_thresholds(self) -> tuple[FoldThreshold, ...]:
        """Return, for each number of folds that enough trials have come to, the worst mean still kept."""
        return tuple(FoldThreshold(rung, value) for rung, value in self._kept(self._ranked_by_folds))

    def _kept(self, ranked_by_rung: Mapping[int, Sequence[float]]) -> Iterator[tuple[int, float]]:
        for rung, ranked in ranked_by_rung.items():
            if len(ranked) >= self._reduction_factor:
                yield rung, ranked[(len(ranked) + 1) // self._reduction_factor - 1]
