"""How searched trials stand: what whoever looks for a pattern in a search compares them by."""

from collections.abc import Sequence
from math import inf

from optuna.trial import FrozenTrial, TrialState

from service.study.search.winner import rank
from service.study.storage.kept_trials import eligible
from workers.metrics.metric import Metric

SHARE_OF_BEST = 0.1
FEWEST_BEST = 5
"""The best are a tenth of the trials that ended, or the best five where those are more."""


def standing_of(trials: Sequence[FrozenTrial], metric: Metric, *, watch: Metric) -> tuple[FrozenTrial, ...]:
    """Return the trials that tried a point and ended: complete ones by figure, pruned ones, failed ones.

    Pruned trials come after all complete ones, those that were let go later before those that were let go
    sooner, and of these the ones that were seen to reach more.

    Parameters
    ----------
    trials
        A study's trials.
    metric, watch
        What it chooses by, and what early stopping and pruning follow.
    """

    def place(trial: FrozenTrial) -> tuple[float, ...]:
        match trial.state:
            case TrialState.COMPLETE:
                return (0, *rank(trial, metric))
            case TrialState.PRUNED:
                seen = [watch.badness(value) for value in trial.intermediate_values.values()]
                return (1, -len(seen), min(seen, default=inf))
            case _:
                return (2,)

    ended = [trial for trial in eligible(trials) if trial.state.is_finished()]
    return tuple(sorted(ended, key=lambda trial: (place(trial), trial.number)))


def best_of(standing: Sequence[FrozenTrial]) -> Sequence[FrozenTrial]:
    """Return the best of trials in order, complete ones alone: a tenth of all, or five if those are more."""
    n = max(FEWEST_BEST, round(SHARE_OF_BEST * len(standing)))
    return [trial for trial in standing[:n] if trial.state is TrialState.COMPLETE]
