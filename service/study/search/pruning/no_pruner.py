"""No pruning: each trial runs to its own end."""

from collections.abc import Sequence

from optuna.trial import TrialState

from workers.messages import FoldThreshold, Threshold


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
