"""The coordinator: dispatches what a plan asks for, and makes all that happens durable; nothing else writes.

Each step takes in what the pool reports, asks the plan for more, makes both durable in one transaction, and
only then dispatches and tells: whatever dies at whatever instant, the database holds a state that this study
was really in. First the search is run, then the confirmation of its best trials.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from service.configuration.study_config import ResolvedStudy
from service.study.search.confirmation_plan import ConfirmationPlan, Finalist, Leaders
from service.study.search.enqueued_points import QueuedPoints, RecentPoints
from service.study.search.plan import Plan, Planned, StudyObserver
from service.study.search.search_budget import EndingReason, SearchEnding
from service.study.search.search_plan import SearchPlan
from service.study.search.trial_lifecycle import OpenTrials, State
from service.study.search.trial_records import DevFigures, dev_figures_of, lost_result, result_of
from service.study.storage.database_failures import ANSWERS_AGAIN, Outage, Patience
from service.study.storage.foreign_trials import own_trials
from service.study.storage.kept_trials import AskedTrial, TrialResult, moved, record_of, searched
from service.study.storage.lease import Lease
from service.study.storage.storage_errors import StorageAwayError
from service.study.storage.study_format import ENDING, FINALISTS
from service.study.storage.study_store import StudyStore
from workers.messages import Ending, Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest
from workers.pools.pool import WorkerPool
from workers.run_clock import paused_seconds, run_seconds
from workers.trial_data import TrialData

N_PREDICTIONS_KEPT = 20
"""Best trials whose dev predictions are kept: those behind them would seldom win on other examples."""

MOST_ASKED_AT_ONCE = 100
"""Trials in one step: of thousands that could begin, the first do so before the last are asked."""

_LONGEST_WAIT_SECONDS = 0.2
_WAIT_IN_AN_OUTAGE_SECONDS = 0.05


@dataclass(slots=True)
class _Step:
    """What is to be made durable together, and what follows once it is."""

    ended: list[TrialResult] = field(default_factory=list)
    asked: list[Planned] = field(default_factory=list)
    heard: list[tuple[Event, State]] = field(default_factory=list)
    attributes: dict[str, object] = field(default_factory=dict)
    predictions: dict[int, NDArray[np.float32] | None] = field(default_factory=dict)


class Coordinator:
    """Runs one study's trials to their end.

    Parameters
    ----------
    config
        The study; it may hold trials from an earlier run.
    data
        What trials are trained on.
    store
        Where the study is kept; it must exist there.
    pool
        Who runs the trials.
    observer
        Who watches.
    lease
        The lease on the study, kept alive by the caller; without one, nobody else may run the study.
    patience
        For how long a database that is away is waited for.
    """

    def __init__(  # noqa: PLR0913 (what a coordinator works with, each by its name)
        self,
        config: ResolvedStudy,
        data: TrialData,
        *,
        store: StudyStore,
        pool: WorkerPool,
        observer: StudyObserver,
        lease: Lease | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._config = config
        self._store = store
        self._pool = pool
        self._observer = observer
        self._lease = lease
        self._patience = patience or Patience()
        self._outage: Outage | None = None
        self._began = run_seconds()
        attributes = store.attributes(config.name)
        # Both are there, and nothing, where a search goes on after its end.
        written = attributes.get(ENDING)
        kept = None if written is None else SearchEnding.model_validate(written)
        self._kept_ending = kept
        self._search = SearchPlan(
            config,
            data,
            enqueued=RecentPoints(self._look_at_points),
            spent_seconds=self._spent_seconds,
            # Every other reason comes out again, from the trials; how long it took does not.
            ending=kept if kept is not None and kept.reason is EndingReason.SECONDS else None,
        )
        self._confirmation: ConfirmationPlan | None = None
        self._kept_finalists: Sequence[int] | None = attributes.get(FINALISTS)
        self._complete: dict[int, Finalist] = {}  # those that were chosen as finalists in an earlier run
        self._confirmations: Sequence[FrozenTrial] = ()
        self._open = OpenTrials()
        self._asked: dict[int, AskedTrial] = {}
        self._places: dict[int, int] = {}  # of the trials that have not ended, in their plan
        self._followed: set[int] = set()  # the places that were waited for
        self._asks_more = False
        n_most = max(config.confirmation.finalists, N_PREDICTIONS_KEPT)
        self._leaders = Leaders(n_most, metric=config.training_rules.metric)
        self._steps: deque[_Step] = deque()
        self._queued = QueuedPoints(store, config, room=self._search.room, lease=lease)
        trials = store.trials(config.name, with_curves=False)
        self._next_number = len(trials)
        self._restore(own_trials(trials))

    @property
    def is_done(self) -> bool:
        """Whether every trial has ended that the study is to have, and is durable."""
        return self._confirmation is not None and self._is_over(self._confirmation)

    @property
    def _plan(self) -> Plan:
        return self._confirmation or self._search

    def run(self, is_interrupted: Callable[[], bool], *, grace_seconds: float = 3.0) -> bool:
        """Run what is left of the study; return whether all of it has ended.

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
            When the database cannot be written, or was away for longer than is waited for: what is not
            durable then is run again by whoever resumes.
        LeaseLostError
            When another process runs the study by now.
        """
        for request in self._open.requests():
            self._pool.submit(request)
        self.step([], may_ask=not is_interrupted())
        give_up_at, paused = float("inf"), paused_seconds()
        while not self.is_done and time.monotonic() < give_up_at:
            events = self._pool.events(0.0 if self._asks_more else _LONGEST_WAIT_SECONDS)
            interrupted = is_interrupted()
            if (paused_now := paused_seconds()) > paused:
                self._observer.said(f"paused for {paused_now - paused:.0f} s; that time does not count")
                paused = paused_now
            if self._outage is not None and not events:
                time.sleep(_WAIT_IN_AN_OUTAGE_SECONDS)
            if self._lease is not None:
                self._lease.check()
            self.step(events, may_ask=not interrupted)
            if interrupted:
                give_up_at = min(give_up_at, time.monotonic() + grace_seconds)
                if not self._open.any_is_running:
                    break
        return self.is_done

    def step(self, events: Sequence[Event], *, may_ask: bool) -> None:
        """Take in events, ask what is to run, make both durable, then dispatch and report."""
        for event in events:
            self._take_in(event)
        self._asks_more = may_ask and self._outage is None and self._ask() == MOST_ASKED_AT_ONCE
        self._make_durable()
        self._follow_awaited()
        if self._confirmation is None and self._is_over(self._search):
            for request in self._begin_confirmation():
                self._pool.submit(request)

    def _ask(self) -> int:
        """Ask for the trials that may begin, not for all at once where there are many; return how many."""
        asked = list(islice(self._plan.ask(), MOST_ASKED_AT_ONCE))
        if asked:
            self._step.asked.extend(asked)
        if self._search.ending is not None and self._search.ending != self._kept_ending:
            self._step.attributes[ENDING] = self._search.ending.model_dump(mode="json")
            self._kept_ending = self._search.ending
        return len(asked)

    def _follow_awaited(self) -> None:
        """Have the pool tell of the trials that the next one waits for: the others' progress can wait."""
        awaited = set(self._plan.awaited) - self._followed
        if not awaited:
            return
        for number, place in self._places.items():
            if place in awaited:  # else it is not durable yet
                self._followed.add(place)
                self._pool.follow(number)

    @property
    def _step(self) -> _Step:
        """The step that is being made up: a new one where the last one may have been written already."""
        if len(self._steps) == (0 if self._outage is None else 1):
            self._steps.append(_Step())
        return self._steps[-1]

    def _take_in(self, event: Event) -> None:
        """Move the event's trial along its lifecycle; keep its result where that ends it."""
        moved = self._open.take_in(event)
        self._step.heard.append((event, moved.state))
        match event:
            case TrialAdvanced():
                self._plan.advanced(self._places[event.number], event.at_least)
            case TrialEnded():
                virtual_end = self._plan.ended(self._places[event.number], event.virtual_epochs)
                finalist = self._end(result_of(event, virtual_end=virtual_end, runs=moved.runs))
                if event.ending is Ending.COMPLETE and self._confirmation is None:
                    self._rank(event, finalist)
                elif event.ending is Ending.COMPLETE and (predictions := event.dev_predictions) is not None:
                    self._step.predictions[event.number] = predictions  # to be averaged by
            case TrialLost() if moved.state.is_ended:
                virtual_end = self._plan.ended(self._places[event.number], None)
                self._end(lost_result(event, virtual_end=virtual_end, runs=moved.runs))

    def _end(self, result: TrialResult) -> Finalist:
        """Keep a trial's result, and return what may be confirmed of it."""
        place, asked = self._places.pop(result.number), self._asked.pop(result.number)
        self._step.ended.append(result)
        self._plan.learn(replace(result, number=place))
        return Finalist(result.number, place, asked.values, asked.distributions)

    def _rank(self, ended: TrialEnded, finalist: Finalist) -> None:
        """Put a complete trial among the best, whose predictions are kept, if it is one of them."""
        before = self._leaders.numbers
        self._leaders.consider(DevFigures(ended.dev_metric, ended.dev_loss), finalist)
        after = self._leaders.numbers
        if finalist.number in after and (predictions := ended.dev_predictions) is not None:
            self._step.predictions[finalist.number] = predictions
        self._step.predictions.update(dict.fromkeys(before - after))

    def _add(self, planned: Planned, number: int) -> TrialRequest:
        """Take in a trial that has its number in the study; return what a worker needs to know of it."""
        self._places[number] = planned.asked.number
        self._asked[number] = planned.asked
        self._next_number = number + 1
        request = replace(planned.request, number=number)
        self._open.add(request)
        return request

    def _make_durable(self) -> None:
        """Write what has happened, as far as the database answers; dispatch and report what is durable."""
        while self._steps and (self._outage is None or self._outage.is_due(run_seconds())):
            step = self._steps[0]
            asked = [
                moved(planned.asked, number)
                for number, planned in enumerate(step.asked, start=self._next_number)
            ]
            try:
                numbers = self._store.record(
                    self._config.name,
                    ended=step.ended,
                    asked=asked,
                    attributes=step.attributes,
                    predictions=step.predictions,
                    lease=self._lease,
                )
            except StorageAwayError as error:
                self._bear_with(error)
            else:
                self._steps.popleft()
                self._follow(step, numbers)

    def _bear_with(self, error: StorageAwayError) -> None:
        """Wait for a database that is away, unless it has been waited for long enough."""
        now = run_seconds()
        if self._outage is None:
            self._outage = self._patience.outage(error, now=now)
        elif self._outage.is_hopeless(now):
            raise error
        else:
            self._outage = self._outage.failed(error, now=now)
        self._observer.said(self._outage.told(now, meanwhile="training goes on"))

    def _follow(self, step: _Step, numbers: Sequence[int]) -> None:
        """Tell what a durable step holds, and dispatch its trials, which have these numbers."""
        if self._outage is not None:
            self._outage = None
            self._observer.said(ANSWERS_AGAIN)
        for event, state in step.heard:
            self._observer.happened(event, state)
        for planned, number in zip(step.asked, numbers, strict=True):
            request = self._add(planned, number)
            self._observer.asked(request, planned.asked.values)
            self._pool.submit(request)
        for event, state in step.heard:
            if isinstance(event, TrialLost) and state is State.WAITING:
                self._pool.submit(self._open.request(event.number))

    def _look_at_points(self) -> Mapping[str, Any]:
        """Take up what other tools have queued, and return the study's attributes."""
        for line in self._queued.take_up():
            self._observer.said(line)
        return self._store.attributes(self._config.name)

    def _spent_seconds(self) -> float:
        return run_seconds() - self._began if self._lease is None else self._lease.searched_seconds

    def _is_over(self, plan: Plan) -> bool:
        return plan.is_exhausted and not self._open and not self._steps

    def _begin_confirmation(self) -> Sequence[TrialRequest]:
        """Plan the confirmations; return what is to be dispatched of those that are there already."""
        requests = self._plan_confirmation()
        self._step.attributes[FINALISTS] = [finalist.number for finalist in self._finalists()]
        return requests

    def _finalists(self) -> Sequence[Finalist]:
        if self._kept_finalists:  # also those that were set aside since: their runs stay
            return [self._complete[number] for number in self._kept_finalists]
        return self._leaders.best(self._config.confirmation.finalists)

    def _plan_confirmation(self) -> Sequence[TrialRequest]:
        """Plan the confirmations, take up those that are there, and return those that have not ended."""
        plan = self._confirmation = ConfirmationPlan(
            self._config, self._finalists(), there=self._confirmations
        )
        ending = self._search.ending or self._kept_ending
        if ending is None:
            raise RuntimeError("a search that is over says why")
        self._observer.confirming(ending, plan.n_trials)
        requests = [self._take_up(trial, plan.restore(trial)) for trial in plan.taken_up]
        return [request for request in requests if request.number in self._places]

    def _restore(self, trials: Sequence[FrozenTrial]) -> None:
        """Live through an earlier run again, up to where its last trial was asked.

        Confirmations are taken up once the finalists are known, be it at once or when the search, which goes
        on after its end, has ended again.
        """
        finalists = self._kept_finalists or ()
        for trial in searched(trials):
            of_plan = self._search.restore(trial)
            self._take_up(trial, of_plan)
            if trial.state is TrialState.COMPLETE:
                finalist = Finalist(trial.number, of_plan.number, trial.params, trial.distributions)
                if trial.number in finalists:
                    self._complete[trial.number] = finalist
                if record_of(trial).set_aside is None:
                    self._leaders.consider(dev_figures_of(trial), finalist)
        self._confirmations = [trial for trial in trials if record_of(trial).is_confirmation]
        if any(record_of(run).confirms in finalists for run in self._confirmations):
            self._plan_confirmation()

    def _take_up(self, trial: FrozenTrial, of_plan: TrialRequest) -> TrialRequest:
        """Tell of a trial of an earlier run, and remember it where it has not ended; return its request."""
        request = replace(of_plan, number=trial.number)
        self._observer.asked(request, trial.params)
        if trial.state.is_finished():
            self._observer.restored(trial)
        else:
            self._places[trial.number] = of_plan.number
            self._asked[trial.number] = AskedTrial(trial.number, trial.params, trial.distributions, {})
            self._open.add(request)
        return request
