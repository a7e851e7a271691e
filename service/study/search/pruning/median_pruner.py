"""The median rule: a trial goes on while it is at least as good as the median of the complete ones."""

from collections.abc import Sequence
from itertools import accumulate

from optuna.trial import TrialState

from service.study.search.pruning.pruner import first_fold, reached_by_folds
from service.study.search.pruning.running_median import RunningMedian
from workers.messages import FoldThreshold, Threshold


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
