"""What every pruner does, and what all of them reckon alike."""

from collections.abc import Sequence
from typing import Protocol

from optuna.trial import TrialState

from workers.messages import FoldThreshold, Threshold


class Pruner(Protocol):
    """Learns from ended trials and says where a trial that starts now is to be pruned."""

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
