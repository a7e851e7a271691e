"""Which trials to stop early, told before they start, from the trials that have ended by then."""

from bisect import insort
from collections.abc import Sequence
from typing import Protocol

from optuna.trial import TrialState

from service.configuration.study_config import PrunerConfig, PrunerName
from workers.messages import Threshold


class Pruner(Protocol):
    """Learns from ended trials and says where a trial that starts now is to be pruned."""

    def learn(self, state: TrialState, badnesses: Sequence[float]) -> None:
        """Take in an ended trial's badness after each of its epochs: lower is better."""
        ...

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the thresholds, by ascending epoch, for a trial that starts now."""
        ...


def make_pruner(config: PrunerConfig, *, max_epochs: int) -> Pruner:
    """Return a new pruner of the kind that a study names."""
    match config.kind:
        case PrunerName.SUCCESSIVE_HALVING:
            return SuccessiveHalving(max_epochs=max_epochs, reduction_factor=config.reduction_factor)
        case PrunerName.NONE:
            return NoPruner()


class NoPruner:
    """Lets each trial run to its own end."""

    def learn(self, state: TrialState, badnesses: Sequence[float]) -> None:
        """Take in nothing."""

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return none."""
        return ()


class SuccessiveHalving:
    """Keeps, at each rung, the best 1 / `reduction_factor` of the trials that reached it.

    The stopping form of asynchronous successive halving. Rungs lie at max_epochs / reduction_factor**k for
    k = 3, 2, 1. A trial is judged by its lowest badness so far, since the weights of its best epoch are
    what it will be remembered by. A trial that stopped early, its patience used up, counts at later rungs
    with what it reached: it would not have come further. At least `reduction_factor` ended trials must have
    reached a rung before it prunes.

    Parameters
    ----------
    max_epochs
        The most epochs a trial may run.
    reduction_factor
        At least 2.

    References
    ----------
    Li, L. et al. (2020). A system for massively parallel hyperparameter tuning. MLSys, algorithm 2 and
    section 3.3 (stopping rather than promotion).
    """

    def __init__(self, *, max_epochs: int, reduction_factor: int) -> None:
        self._reduction_factor = reduction_factor
        rungs = {max_epochs // reduction_factor**k for k in (3, 2, 1)} - {0}
        self._ranked: dict[int, list[float]] = {rung: [] for rung in sorted(rungs)}

    def learn(self, state: TrialState, badnesses: Sequence[float]) -> None:
        """Rank an ended trial at each rung that it reached."""
        if state is TrialState.FAIL:
            return
        for rung, ranked in self._ranked.items():
            if len(badnesses) >= rung or state is TrialState.COMPLETE:
                insort(ranked, min(badnesses[:rung]))

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return, for each rung with enough trials, the worst badness that is still kept."""
        return tuple(
            Threshold(rung, ranked[(len(ranked) + 1) // self._reduction_factor - 1])
            for rung, ranked in self._ranked.items()
            if len(ranked) >= self._reduction_factor
        )
