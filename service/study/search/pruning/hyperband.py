"""Hyperband: successive halving with several first rungs, as none is the right one for every study."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import ceil

from optuna.trial import TrialState

from service.study.search.pruning.successive_halving import SuccessiveHalving
from service.study.search.seeds import bracket_share
from workers.messages import FoldThreshold, Threshold


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
