"""What a study's own trials say: their standing, and values that the winner has not, tried and no better.

Whoever looks for a pattern in a search compares its trials by their standing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from optuna.trial import FrozenTrial, TrialState

from search_spaces.dimensions import CategoricalDimension, Dimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.study_config import StudyConfig
from service.study.search.winner import rank
from service.study.storage.kept_trials import eligible, record_of
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


OUTER_SHARE = 0.15
"""The best lie at an end where their median is within this share of the range from it."""

FEWEST_BEYOND = 5
"""So many trials with larger (or smaller) values than the winner's say that these are no better."""

LAST_SHARE = 0.2
"""A best epoch before the last fifth of those allowed was not cut short."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What was tried besides the winner, which did better than all of that.

    Attributes
    ----------
    values
        Of each hyperparameter, the values of the trials that were judged, numbers alone.
    winners
        The winner's own values.
    space
        What was searched.
    best_epoch
        The winner's best epoch, the latest of its folds; 0 where that is not known.
    max_epochs
        Epochs that were allowed.
    """

    values: dict[str, tuple[float, ...]]
    winners: dict[str, Value]
    space: SearchSpace
    best_epoch: int
    max_epochs: int

    @classmethod
    def of(cls, standing: Sequence[FrozenTrial], config: StudyConfig, winner: FrozenTrial) -> "Tried":
        """Gather it from a study's trials.

        Parameters
        ----------
        standing
            Its trials in order, as `standing_of` gives them; what broke off shows nothing.
        config
            The study.
        winner
            Its winner.
        """
        judged = [trial for trial in standing if trial.state.name in ("COMPLETE", "PRUNED")]
        names = dict.fromkeys(name for trial in judged for name in trial.params)
        values = {
            name: tuple(
                trial.params[name] for trial in judged if isinstance(trial.params.get(name), int | float)
            )
            for name in names
        }
        record = record_of(winner)
        return cls(
            values=values,
            winners=dict(winner.params),
            space=config.space,
            best_epoch=max(record.best_epochs or [record.best_epoch]),
            max_epochs=config.training.max_epochs,
        )

    def is_settled(self, name: str, *, larger: bool) -> bool:
        """Tell whether larger (or smaller) values than the winner's were tried, and did no better.

        Where the winner lies at that end of what was searched, better values may lie beyond; where few trials
        were there, nothing is reported.

        Parameters
        ----------
        name
            The hyperparameter.
        larger
            Which values.
        """
        return self._is_inside(name, larger=larger) and self.n_beyond(name, larger=larger) >= FEWEST_BEYOND

    def n_beyond(self, name: str, *, larger: bool) -> int:
        """Return how many trials had larger (or smaller) values than the winner."""
        own = self.winners.get(name)
        if not isinstance(own, int | float):
            return 0
        return sum(value > own if larger else value < own for value in self.values.get(name, ()))

    def text(self, name: str, *, larger: bool) -> str:
        """Say that it is settled, in a sentence without a full stop."""
        n, than = self.n_beyond(name, larger=larger), "larger" if larger else "smaller"
        own = self.winners[name]
        shown = f"{own:.3g}" if isinstance(own, float) else f"{own}"
        return f"{n} trials had a {than} {name} than the winner's {shown}, and none did better"

    @property
    def open_capacity(self) -> tuple[str, ...]:
        """What may be enlarged, as far as the trials show: `width`, `depth`, both or neither."""
        widths = [name for name in self.values if name.startswith("width")] or ["width"]
        may = {
            "width": not all(self.is_settled(name, larger=True) for name in widths),
            "depth": not self.is_settled("depth", larger=True),
        }
        return tuple(name for name, is_open in may.items() if is_open)

    @property
    def ended_early(self) -> bool:
        """Whether the winner's best epoch lay well before the last one allowed."""
        return 0 < self.best_epoch <= (1 - LAST_SHARE) * self.max_epochs

    def settled(self, *, larger: bool) -> frozenset[str]:
        """Return all hyperparameters of which larger (or smaller) values did no better."""
        return frozenset(name for name in self.values if self.is_settled(name, larger=larger))

    def _is_inside(self, name: str, *, larger: bool) -> bool:
        own = self.winners.get(name)
        if isinstance(own, str) or own is None:
            return False
        return not _is_at_end(self.space.dimensions.get(name), own, larger=larger)


def _is_at_end(dimension: Dimension | None, own: float, *, larger: bool) -> bool:
    """Return whether a value lies at an end of what was searched."""
    if isinstance(dimension, FloatDimension | IntegerDimension):
        if dimension.low == dimension.high:
            return True
        position = dimension.position(own)
        return position >= 1 - OUTER_SHARE if larger else position <= OUTER_SHARE
    if isinstance(dimension, CategoricalDimension):
        numbers = [choice for choice in dimension.choices if not isinstance(choice, str)]
        return not numbers or own == (max(numbers) if larger else min(numbers))
    return True
