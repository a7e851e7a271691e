"""Confirmation: the best trials run again with other seeds, unpruned, so that a lucky seed does not win."""

from bisect import insort
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.configuration.study_config import ResolvedStudy
from service.study.search.plan import Planned
from service.study.search.seeds import confirmation_seed
from service.study.search.trial_records import DevFigures, Rank, rank_of
from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialResult, record_of
from workers.messages import TrialRequest
from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True)
class Finalist:
    """One of the best trials of a search: its number, its place among the trials searched, its point."""

    number: int
    place: int
    values: Mapping[str, Value]
    distributions: Mapping[str, BaseDistribution]


class ConfirmationPlan:
    """A plan that trains each finalist again, with each further seed.

    All of it is known at the start, so that no virtual clock is needed: the trials are independent.

    A search that went on after its end has confirmations from before. Those of a trial that is a finalist
    again are part of the plan, and not run twice: point and seed are the same.

    Parameters
    ----------
    config
        The study.
    finalists
        The best trials, the best first.
    there
        The study's confirmations, asked in an earlier run or before the search went on, by number.

    Attributes
    ----------
    n_trials
        Confirmations in all.
    taken_up
        Those of `there` that are part of it; also one that has not ended, whoever are finalists by now: what
        storage shows as running is run.
    """

    def __init__(
        self,
        config: ResolvedStudy,
        finalists: Sequence[Finalist],
        *,
        there: Sequence[FrozenTrial] = (),
    ) -> None:
        self._config = config
        seed, repeats = config.seed_of_search, range(1, config.confirmation.seeds + 1)
        runs = [(each, confirmation_seed(seed, each.place, n)) for n, each in product(repeats, finalists)]
        planned = {(finalist.number, seed) for finalist, seed in runs}
        self.taken_up = [run for run in there if _run_of(run) in planned or not run.state.is_finished()]
        taken = set(map(_run_of, self.taken_up))
        self._left = deque(run for run in runs if (run[0].number, run[1]) not in taken)
        self._n_planned = 0
        self.n_trials = len(self.taken_up) + len(self._left)

    @property
    def is_exhausted(self) -> bool:
        """Whether all have been asked for."""
        return not self._left

    @property
    def awaited(self) -> Sequence[int]:
        """None: each confirmation can run at once."""
        return ()

    def ask(self) -> Iterator[Planned]:
        """Yield all that have not been asked for."""
        while self._left:
            finalist, seed = self._left.popleft()
            yield self._planned(finalist, seed)

    def restore(self, trial: FrozenTrial) -> TrialRequest:
        """Take up a confirmation that is there."""
        return self._request(trial.params, record_of(trial).seed)

    def advanced(self, place: int, at_least: int) -> None:
        """Take no notice: nothing waits for it."""

    def ended(self, place: int, epochs: int | None) -> None:  # noqa: ARG002 (a protocol)
        """Return no virtual end."""
        return

    def learn(self, result: TrialResult) -> None:
        """Take no notice: the winner is chosen from storage."""

    def _planned(self, finalist: Finalist, seed: int) -> Planned:
        request = self._request(finalist.values, seed)
        attributes = TrialAttributes(seed=seed, confirms=finalist.number)
        asked = AskedTrial(request.number, finalist.values, finalist.distributions, attributes)
        return Planned(asked, request)

    def _request(self, values: Mapping[str, Value], seed: int) -> TrialRequest:
        self._n_planned += 1
        return TrialRequest(
            number=self._n_planned - 1,
            hyperparameters=self._config.space.point(values),
            seed=seed,
            rules=self._config.training_rules,
            keep_predictions=self._config.confirmation.ensemble,
            limits=self._config.limits.of_trial,
        )


def _run_of(confirmation: FrozenTrial) -> tuple[int | None, int]:
    """Return which run it is: the number of the trial that it repeats, and its seed."""
    return record_of(confirmation).confirms, record_of(confirmation).seed


@dataclass(frozen=True, slots=True, order=True)
class _Leader:
    """Ranked as a winner is."""

    rank: Rank
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
        return frozenset(leader.finalist.number for leader in self._leaders)

    def consider(self, figures: DevFigures, finalist: Finalist) -> None:
        """Take in a trial that is complete."""
        insort(self._leaders, _Leader(rank_of(self._metric, figures, finalist.number), finalist))
        del self._leaders[self._n_most :]

    def best(self, n: int) -> Sequence[Finalist]:
        """Return the best of them, at most `n`, the best first."""
        return [leader.finalist for leader in self._leaders[:n]]
