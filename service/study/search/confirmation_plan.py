"""Confirmation: the best trials run again with other seeds, unpruned, so that a lucky seed does not win."""

from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.configuration.study_config import ResolvedStudy
from service.study.search.plan import Planned
from service.study.search.seeds import confirmation_seed
from service.study.search.trial_records import DevFigures
from service.study.storage.kept_trials import AskedTrial, TrialResult
from service.study.storage.trial_attributes import TrialAttributes, TrialRecord, record_of
from workers.messages import TrialRequest
from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True)
class Finalist:
    """One of the best trials of a search: its number, its place in the search, and its point."""

    number: int
    place: int
    values: Mapping[str, Value]
    distributions: Mapping[str, BaseDistribution]


class ConfirmationPlan:
    """A plan that trains each finalist again, with each further seed.

    All of it is known at the start, so that no virtual clock is needed: the trials are independent.

    Parameters
    ----------
    config
        The study.
    finalists
        The best trials, the best first.
    """

    def __init__(self, config: ResolvedStudy, finalists: Sequence[Finalist]) -> None:
        repeats = range(1, config.confirmation.seeds + 1)
        self._planned = [
            _planned(config, finalist, place=place, repeat=repeat)
            for place, (repeat, finalist) in enumerate(product(repeats, finalists))
        ]
        self._n_taken = 0

    @property
    def n_trials(self) -> int:
        """Confirmations in all."""
        return len(self._planned)

    @property
    def is_exhausted(self) -> bool:
        """Whether all have been asked for."""
        return self._n_taken == len(self._planned)

    def ask(self) -> Iterator[Planned]:
        """Yield all that have not been asked for."""
        while not self.is_exhausted:
            self._n_taken += 1
            yield self._planned[self._n_taken - 1]

    def restore(self, trial: FrozenTrial) -> TrialRequest:
        """Take up a confirmation of an earlier run.

        Raises
        ------
        ValueError
            It is not the next one of this plan.
        """
        planned = self._planned[self._n_taken]
        confirmed = TrialRecord(planned.asked.attributes).confirms
        if record_of(trial).confirms != confirmed:
            raise ValueError(f"trial {trial.number} is no confirmation that this study plans next")
        self._n_taken += 1
        return planned.request

    def advanced(self, place: int, at_least: int) -> None:
        """Take no notice: nothing waits for it."""

    def ended(self, place: int, epochs: int | None) -> None:  # noqa: ARG002 (a protocol)
        """Return no virtual end."""
        return

    def learn(self, result: TrialResult) -> None:
        """Take no notice: the winner is chosen from storage."""


def _planned(config: ResolvedStudy, finalist: Finalist, *, place: int, repeat: int) -> Planned:
    seed = confirmation_seed(config.seed_of_search, finalist.place, repeat)
    request = TrialRequest(
        number=place,
        hyperparameters=config.space.point(finalist.values),
        seed=seed,
        rules=config.training_rules,
        limits=config.limits.of_trial,
    )
    attributes = TrialAttributes(seed=seed, confirms=finalist.number)
    return Planned(AskedTrial(place, finalist.values, finalist.distributions, attributes), request)


@dataclass(frozen=True, slots=True, order=True)
class _Leader:
    """Ranked as a winner is: by badness, then dev loss, then number."""

    badness: float
    dev_loss: float
    number: int
    finalist: Finalist = field(compare=False)


class Leaders:
    """The best complete trials, at most so many.

    Parameters
    ----------
    n_most
        How many to keep.
    metric
        What trials are chosen by.
    """

    def __init__(self, n_most: int, *, metric: Metric) -> None:
        self._n_most = n_most
        self._metric = metric
        self._leaders: list[_Leader] = []

    @property
    def numbers(self) -> frozenset[int]:
        """Their numbers."""
        return frozenset(leader.number for leader in self._leaders)

    def consider(self, figures: DevFigures, finalist: Finalist) -> None:
        """Take in a trial that is complete."""
        badness = self._metric.badness(figures.metric)
        insort(self._leaders, _Leader(badness, figures.loss, finalist.number, finalist))
        del self._leaders[self._n_most :]

    def best(self, n: int) -> Sequence[Finalist]:
        """Return the best of them, at most `n`, the best first."""
        return [leader.finalist for leader in self._leaders[:n]]
