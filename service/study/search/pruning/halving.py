"""Successive halving, where at each rung the best part goes on, and Hyperband, several of them."""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, repeat, takewhile
from math import ceil
from operator import mul

from optuna.trial import TrialState

from service.study.search.pruning.pruners import first_fold, reached_by_folds
from service.study.search.seeds import bracket_share
from workers.messages import FoldThreshold, Threshold


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
        first = first_fold(badnesses, fold_ends)
        is_whole = state is TrialState.COMPLETE or len(fold_ends) > 0
        for rung, ranked in self._ranked.items():
            if len(first) >= rung or is_whole:
                insort(ranked, min(first[:rung]))
        for rung, ranked in self._ranked_by_folds.items():
            if len(fold_ends) >= rung:
                insort(ranked, reached_by_folds(badnesses, fold_ends, rung))

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
