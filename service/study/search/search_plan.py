"""The search: the sampler's points, in the order of the virtual clock, pruned by what was known then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import floor
from typing import NamedTuple

from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value
from service.configuration.study_config import ResolvedStudy
from service.study.search.plan import Planned
from service.study.search.pruning import make_pruner
from service.study.search.search_budget import FIRST_TRIALS, EndingReason, SearchBudget, SearchEnding
from service.study.search.seeds import trial_seed
from service.study.search.shared_traits import Failure, common_failure
from service.study.search.suggestions import Suggestions
from service.study.search.trial_records import ranked, stored_result
from service.study.search.virtual_clock import VirtualClock, epoch_cost
from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialRecord, TrialResult, record_of
from workers.messages import TrialRequest
from workers.trial.earliest_end import earliest_end
from workers.trial_data import TrialData


class _Running(NamedTuple):
    """A trial that virtually runs: its start and the length of its epoch (virtual seconds)."""

    start: float
    epoch_cost: float
    request: TrialRequest
    values: Mapping[str, Value]


class SearchPlan:
    """A plan that searches.

    Parameters
    ----------
    config
        The study.
    data
        What trials are trained on; its shape decides the cost of an epoch.
    enqueued
        Gives the points that users want tried, in order: those known by now.
    spent_seconds
        Gives the wall-clock time that the search has taken, in all runs of the study.
    ending
        Why the search ended, where it has.
    """

    def __init__(
        self,
        config: ResolvedStudy,
        data: TrialData,
        *,
        enqueued: Callable[[], Sequence[Mapping[str, Value]]],
        spent_seconds: Callable[[], float],
        ending: SearchEnding | None = None,
    ) -> None:
        self._config = config
        self._data = data
        self._rules = config.training_rules
        self._enqueued = enqueued
        self._spent_seconds = spent_seconds
        self._pruner = make_pruner(
            config.pruner, rules=self._rules, study_seed=config.seed_of_search, n_folds=data.n_folds
        )
        self._clock = VirtualClock(config.concurrency)
        self._suggestions = Suggestions(
            config.space, sampler=config.sampler, study_seed=config.seed_of_search
        )
        self._budget = SearchBudget(config.budget, n_trials=config.trials, metric=self._rules.metric)
        self._running: dict[int, _Running] = {}
        self._results: dict[int, TrialResult] = {}
        self._first_failures: list[Failure] = []
        self._n_asked = 0
        self._n_enqueued = 0
        self.ending = ending

    @property
    def is_exhausted(self) -> bool:
        """Whether the search has ended, but for the trials that still run."""
        return self.ending is not None

    @property
    def awaited(self) -> Sequence[int]:
        """The trials that the next one's virtual start waits for."""
        return [] if self.is_exhausted else self._clock.awaited()

    def room(self, n_points: int) -> int:
        """Return how many more enqueued points the budget of trials has room for, with so many in all."""
        return self._config.trials - self._n_asked - (n_points - self._n_enqueued)

    def ask(self) -> Iterator[Planned]:
        """Yield each trial whose virtual start is certain, until the budget is spent."""
        while self.ending is None:
            self.ending = self._budget.is_spent(self._n_asked)
            instant = None if self.ending else self._clock.next_start()
            if instant is None:
                return
            self._show_what_ended_by(instant)
            ending = self._budget.verdict(
                running_epochs=self._running_epochs(instant), seconds=self._spent_seconds()
            )
            self.ending = ending and self._explained(ending)
            if self.ending is None:
                yield self._next(instant)

    def restore(self, trial: FrozenTrial) -> TrialRequest:
        """Live through a trial of an earlier run again."""
        record = record_of(trial)
        self._show_what_ended_by(record.virtual_start)
        if record.enqueued is not None:
            self._suggestions.ask_fixed(trial.params)
            self._n_enqueued += 1
        else:
            self._suggestions.show_running(trial.params)
        request = self._start(self._n_asked, trial.params)
        if trial.state.is_finished():
            self._clock.end_at(request.number, record.virtual_end)
            self.learn(replace(stored_result(trial), number=request.number))
        return request

    def advanced(self, place: int, at_least: int) -> None:
        """Note how far a trial will come at least."""
        self._clock.advance(place, at_least - 1)

    def ended(self, place: int, epochs: int | None) -> float:
        """Return a trial's virtual end; one that was lost for good ran for as long as it may."""
        if epochs is None:
            return self._clock.end(place, self._data.n_folds * self._rules.max_epochs)
        return self._clock.end(place, earliest_end(self._running[place].request, max(epochs, 1) - 1))

    def learn(self, result: TrialResult) -> None:
        """Keep what came of a trial until it has virtually ended."""
        self._results[result.number] = result

    def _explained(self, ending: SearchEnding) -> SearchEnding:
        """Say of trials that all failed what they have in common."""
        if ending.reason is not EndingReason.FIRST_TRIALS_FAILED:
            return ending
        common = common_failure(self._first_failures, distributions=self._suggestions.distributions)
        return ending.model_copy(update={"text": f"{ending.text}: {common}"})

    def _running_epochs(self, instant: float) -> int:
        """Return the epochs virtually run by trials that run on; nobody asks without a budget of epochs."""
        if self._config.budget.epochs is None:
            return 0
        return sum(floor((instant - trial.start) / trial.epoch_cost) for trial in self._running.values())

    def _next(self, instant: float) -> Planned:
        place = self._n_asked
        points = self._enqueued()
        seed = trial_seed(self._config.seed_of_search, place)
        attributes = TrialAttributes(seed=seed, virtual_start=instant)
        if place > 0 and self._n_enqueued < len(points):
            values, distributions = self._suggestions.ask_fixed(points[self._n_enqueued])
            attributes |= TrialAttributes(enqueued=self._n_enqueued)
            self._n_enqueued += 1
        else:
            values, distributions = self._suggestions.ask()
        request = self._start(place, values)
        return Planned(AskedTrial(place, values, distributions, attributes), request)

    def _start(self, place: int, values: Mapping[str, Value]) -> TrialRequest:
        """Put a trial on the clock, and make what a worker needs to know of it."""
        hyperparameters = self._config.space.point(values)
        cost = epoch_cost(hyperparameters, self._data)
        request = TrialRequest(
            number=place,
            hyperparameters=hyperparameters,
            seed=trial_seed(self._config.seed_of_search, place),
            rules=self._rules,
            thresholds=self._pruner.thresholds(place),
            fold_thresholds=self._pruner.fold_thresholds(place),
            limits=self._config.limits.of_trial,
            keep_predictions=True,
        )
        self._running[place] = _Running(self._clock.start(place, cost), cost, request, values)
        self._clock.advance(place, earliest_end(request, 0) - 1)
        self._n_asked += 1
        return request

    def _show_what_ended_by(self, instant: float) -> None:
        """Let sampler, pruner and budget see the trials that have virtually ended, in that order."""
        for place in self._clock.settle(instant):
            values = self._running.pop(place).values
            result = ranked(self._results.pop(place), metric=self._rules.metric, watch=self._rules.watch)
            record = TrialRecord(result.attributes)
            self._suggestions.show_ended(result)
            self._budget.learn(result)
            if result.state is TrialState.FAIL and len(self._first_failures) < FIRST_TRIALS:
                self._first_failures.append(Failure(values, record.failure_reason))
            self._pruner.learn(
                result.state,
                result.intermediate_values,
                number=place,
                fold_ends=record.fold_ends,
            )
