"""A fixed threshold: no trial goes on that is not at least so good."""

from collections.abc import Sequence

from optuna.trial import TrialState

from workers.messages import FoldThreshold, Threshold


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
