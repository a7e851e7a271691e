"""The coordinator: asks, dispatches and tells, in the order of the virtual clock; nothing else decides.

Each step takes in what the pool reports, asks for the trials whose virtual start has become certain, makes
both durable in one transaction, and only then dispatches: whatever dies at whatever instant, the database
holds a state that this study was really in.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from optuna.trial import FrozenTrial

from search_spaces.values import Value
from service.configuration.study_config import StudyConfig
from service.search.epoch_cost import epoch_cost
from service.search.fold_records import fold_ends
from service.search.pruning import make_pruner
from service.search.suggestion import Suggestions, trial_seed
from service.search.trial_lifecycle import MAX_RUNS, Event, State, move
from service.search.trial_records import (
    asked_attributes,
    lifecycle_state,
    lost_result,
    ranked,
    result_of,
    stored_result,
)
from service.search.virtual_clock import VirtualClock
from service.storage.own_trials import check_own
from service.storage.study_store import AskedTrial, StudyStore, TrialResult
from workers.messages import (
    Ending,
    TrialAdvanced,
    TrialEnded,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.messages import Event as PoolEvent
from workers.pool import WorkerPool
from workers.trial_data import TrialData

_ENDING_EVENTS = {
    Ending.COMPLETE: Event.COMPLETED,
    Ending.PRUNED: Event.PRUNED,
    Ending.FAILED: Event.BROKE_OFF,
}
_LONGEST_WAIT_SECONDS = 0.2


class StudyObserver(Protocol):
    """Somebody who watches a study; told of nothing before it is durable."""

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:
        """Hear of a trial that is about to be dispatched, or was in an earlier run of the study."""
        ...

    def restored(self, trial: FrozenTrial) -> None:
        """Hear of a trial that had ended in an earlier run of the study."""
        ...

    def happened(self, event: PoolEvent, state: State) -> None:
        """Hear what the pool reported, and the state that it took the trial to."""
        ...


class Coordinator:
    """Runs one study's trials to their end.

    Parameters
    ----------
    config
        The study, its concurrency and metrics resolved; it may hold trials from an earlier run.
    data
        What trials are trained on; its shape decides the cost of an epoch.
    store
        Where the study is kept; it must exist there.
    pool
        Who runs the trials.
    observer
        Who watches.

    Raises
    ------
    ForeignTrialError
        When another tool made or ended one of the study's trials.
    """

    def __init__(
        self,
        config: StudyConfig,
        data: TrialData,
        *,
        store: StudyStore,
        pool: WorkerPool,
        observer: StudyObserver,
    ) -> None:
        self._config = config
        self._data = data
        self._store = store
        self._pool = pool
        self._rules = config.training_rules
        self._pruner = make_pruner(config.pruner, max_epochs=self._rules.max_epochs, n_folds=data.n_folds)
        self._observer = observer
        if config.concurrency is None:
            raise ValueError("a study that runs has its concurrency resolved, got None")
        self._clock = VirtualClock(config.concurrency)
        self._suggestions = Suggestions(config.space, sampler=config.sampler, study_seed=config.seed)
        self._requests: dict[int, TrialRequest] = {}
        self._states: dict[int, State] = {}
        self._runs: dict[int, int] = {}
        self._results: dict[int, TrialResult] = {}
        self._restore(store.trials(config.name))

    @property
    def is_done(self) -> bool:
        """Whether every trial of the budget has ended."""
        return len(self._states) >= self._config.trials and not self._open_trials()

    def run(self, is_interrupted: Callable[[], bool], *, grace_seconds: float = 3.0) -> bool:
        """Run what is left of the budget; return whether all of it has ended.

        Parameters
        ----------
        is_interrupted
            Asked at each step. Once true, no new trial is asked, and those running have `grace_seconds` to
            end; what has not ended by then stays in storage as running, for a later run to take up.
        grace_seconds
            Time for running trials to end after an interruption (seconds).

        Raises
        ------
        StorageError
            When the database cannot be written.
        """
        for number in self._open_trials():
            self._pool.submit(self._requests[number])
        self._step([], may_ask=not is_interrupted())
        give_up_at = float("inf")
        while not self.is_done and time.monotonic() < give_up_at:
            events = self._pool.events(_LONGEST_WAIT_SECONDS)
            interrupted = is_interrupted()
            self._step(events, may_ask=not interrupted)
            if interrupted:
                give_up_at = min(give_up_at, time.monotonic() + grace_seconds)
                if State.RUNNING not in self._states.values():
                    break
        return self.is_done

    def _open_trials(self) -> list[int]:
        return [number for number, state in self._states.items() if not state.is_ended]

    def _step(self, events: Sequence[PoolEvent], *, may_ask: bool) -> None:
        """Take in events, ask what has become certain, make both durable, then dispatch and tell."""
        ended: list[TrialResult] = []
        states: list[State] = []
        for event in events:
            ended += self._take_in(event)
            states.append(self._states[event.number])
        asked = list(self._ask()) if may_ask else []
        self._store.record(self._config.name, ended=ended, asked=asked)
        for event, state in zip(events, states, strict=True):
            self._observer.happened(event, state)
        for trial in asked:
            request = self._requests[trial.number]
            self._observer.asked(request, trial.values)
            self._pool.submit(request)
        for event, state in zip(events, states, strict=True):
            if isinstance(event, TrialLost) and state is State.WAITING:
                self._pool.submit(self._requests[event.number])

    def _take_in(self, event: PoolEvent) -> list[TrialResult]:
        """Move the event's trial along its lifecycle; return its result where that ends it, else nothing."""
        number = event.number
        result: TrialResult | None = None
        if isinstance(event, TrialLost) and self._states[number] is State.WAITING:
            self._runs[number] += 1  # its worker died before it was seen to start: a run all the same
        match event:
            case TrialStarted():
                self._runs[number] += 1
                self._move(number, Event.STARTED)
            case TrialAdvanced():
                self._move(number, Event.ADVANCED)
                self._clock.advance(number, event.epochs)
            case TrialEnded():
                self._move(number, _ENDING_EVENTS[event.ending])
                virtual_end = self._clock.end(number, event.epochs)
                result = result_of(event, virtual_end=virtual_end, runs=self._runs[number])
            case TrialLost() if self._runs[number] < MAX_RUNS:
                self._move(number, Event.LOST)
            case TrialLost():
                self._move(number, Event.LOST_FOR_GOOD)
                # How far it came is an accident; on the virtual clock it ran for as long as it may.
                virtual_end = self._clock.end(number, self._data.n_folds * self._rules.max_epochs)
                result = lost_result(event, virtual_end=virtual_end, runs=self._runs[number])
        if result is None:
            return []
        self._results[number] = result
        return [result]

    def _move(self, number: int, event: Event) -> None:
        self._states[number] = move(self._states[number], event, number=number)

    def _ask(self) -> Iterator[AskedTrial]:
        """Ask for each trial whose virtual start is certain, within the budget."""
        while (number := len(self._states)) < self._config.trials:
            instant = self._clock.next_start()
            if instant is None:
                return
            self._show_what_ended_by(instant)
            values, distributions = self._suggestions.ask()
            request = self._start(number, values)
            attributes = asked_attributes(seed=request.seed, virtual_start=instant)
            yield AskedTrial(number, values, distributions, attributes)

    def _show_what_ended_by(self, instant: float) -> None:
        """Let sampler and pruner see the trials that have virtually ended, in that order."""
        for number in self._clock.settle(instant):
            result = ranked(self._results[number], metric=self._rules.metric, watch=self._rules.watch)
            self._suggestions.show_ended(result)
            self._pruner.learn(
                result.state, result.intermediate_values, fold_ends=fold_ends(result.attributes)
            )

    def _start(self, number: int, values: Mapping[str, Value]) -> TrialRequest:
        """Put a trial on the clock, and make what a worker needs to know of it."""
        hyperparameters = self._config.space.point(values)
        self._clock.start(number, epoch_cost(hyperparameters, self._data))
        request = TrialRequest(
            number=number,
            hyperparameters=hyperparameters,
            seed=trial_seed(self._config.seed, number),
            rules=self._rules,
            thresholds=self._pruner.thresholds(),
            fold_thresholds=self._pruner.fold_thresholds(),
        )
        self._requests[number] = request
        self._states[number] = State.WAITING
        self._runs[number] = 0
        return request

    def _restore(self, trials: Sequence[FrozenTrial]) -> None:
        """Live through an earlier run again, up to where its last trial was asked."""
        check_own(trials)
        for trial in trials:
            self._show_what_ended_by(trial.user_attrs["virtual_start"])
            self._suggestions.show_running(trial.params)
            request = self._start(trial.number, trial.params)
            self._observer.asked(request, trial.params)
            if trial.state.is_finished():
                self._states[trial.number] = lifecycle_state(trial)
                self._clock.end_at(trial.number, trial.user_attrs["virtual_end"])
                self._results[trial.number] = stored_result(trial)
                self._observer.restored(trial)
