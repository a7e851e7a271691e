"""Walks through the lifecycle's table at random: storage and coordinator are where the table says, always."""

from collections.abc import Callable
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from optuna.trial import TrialState

from service.configuration.study_config import ConfirmationConfig
from service.study.search.coordinator import Coordinator
from service.study.search.trial_lifecycle import MAX_RUNS, TRANSITIONS, State
from service.study.search.trial_lifecycle import Event as Move
from service.study.storage.lease import Lease
from service.study.storage.study_store import StudyStore
from tests.service.study.search.studies import Witness, begin, small_config, two_moons
from workers.messages import (
    Ending,
    EpochMetrics,
    Event,
    FoldEnded,
    TrialAdvanced,
    TrialEnded,
    TrialLost,
    TrialRequest,
    TrialStarted,
)
from workers.trial.earliest_end import earliest_end

STORED = {
    State.WAITING: TrialState.RUNNING,
    State.RUNNING: TrialState.RUNNING,
    State.COMPLETE: TrialState.COMPLETE,
    State.PRUNED: TrialState.PRUNED,
    State.FAILED: TrialState.FAIL,
}
ENDINGS = {
    Move.COMPLETED: Ending.COMPLETE,
    Move.PRUNED: Ending.PRUNED,
    Move.BROKE_OFF: Ending.FAILED,
}
numbers = count()


class IdlePool:
    """Takes trials, and does nothing: what happens to them is the walk's business."""

    n_workers = 2

    def __init__(self) -> None:
        self.submitted: dict[int, TrialRequest] = {}

    def submit(self, request: TrialRequest) -> None:
        """Take a trial."""
        self.submitted[request.number] = request

    def follow(self, number: int) -> None:
        """Say nothing of a trial's progress."""

    def events(self, timeout_seconds: float) -> list[Event]:  # noqa: ARG002 (a protocol)
        """Return nothing."""
        return []

    def close(self) -> None:
        """Do nothing."""


class LifecycleWalk(RuleBasedStateMachine):
    """Moves trials as the table allows, kills the coordinator, and compares with what is stored."""

    store: StudyStore

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[int, State] = {}
        self.runs: dict[int, int] = {}
        self.epochs: dict[int, int] = {}

    @initialize()
    def begin(self) -> None:
        """Make a study, and run it."""
        self.config = small_config(
            name=f"walk-{next(numbers)}", trials=7, confirmation=ConfirmationConfig(finalists=2, seeds=1)
        )
        begin(self.store, self.config)
        self.take_over()

    def take_over(self) -> None:
        """Let a new coordinator go on from what is stored."""
        self.pool = IdlePool()
        self.lease = Lease.take(self.store.engine, self.config.name)
        self.coordinator = Coordinator(
            self.config,
            two_moons(),
            store=self.store,
            pool=self.pool,
            observer=Witness(),
            lease=self.lease,
        )
        self.coordinator.run(self.stops_at_once())
        self.step([])

    @staticmethod
    def stops_at_once() -> Callable[[], bool]:
        """Return an interruption that lets a run submit what is open, and ask once."""
        answers = iter([False])
        return lambda: next(answers, True)

    def step(self, events: list[Event]) -> None:
        """Let the coordinator take a step, and follow what it asks for."""
        self.coordinator.step(events, may_ask=True)
        self.coordinator.step([], may_ask=True)  # the confirmation is asked for after the search's last end
        for number in self.pool.submitted:
            self.states.setdefault(number, State.WAITING)
            self.runs.setdefault(number, 0)
            self.epochs.setdefault(number, 0)

    def open_trials(self, *moves: Move) -> list[int]:
        """Return the trials to which one of these can happen."""
        return [
            number
            for number, state in self.states.items()
            if any((state, move) in TRANSITIONS for move in moves)
        ]

    def move(self, number: int, move: Move, event: Event) -> None:
        """Let something happen to a trial."""
        self.states[number] = TRANSITIONS[self.states[number], move]
        self.step([event])

    @precondition(lambda self: self.open_trials(Move.STARTED))
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        """Let a worker begin a trial."""
        number = data.draw(st.sampled_from(self.open_trials(Move.STARTED)))
        self.runs[number] += 1
        self.epochs[number] = 0
        self.move(number, Move.STARTED, TrialStarted(number, "w"))

    @precondition(lambda self: self.open_trials(Move.ADVANCED))
    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        """Let a trial come an epoch further, as far as it may."""
        number = data.draw(st.sampled_from(self.open_trials(Move.ADVANCED)))
        if self.epochs[number] + 1 < earliest_end(self.pool.submitted[number], 0):
            self.epochs[number] += 1
            self.move(number, Move.ADVANCED, TrialAdvanced(number, "w", self.epochs[number]))

    @precondition(lambda self: self.open_trials(*ENDINGS))
    @rule(data=st.data(), move=st.sampled_from(list(ENDINGS)), dev_metric=st.floats(0, 1))
    def end(self, data: st.DataObject, move: Move, dev_metric: float) -> None:
        """Let a trial end."""
        number = data.draw(st.sampled_from(self.open_trials(*ENDINGS)))
        broke_off = move is Move.BROKE_OFF
        epochs = self.epochs[number] + 1 if broke_off else earliest_end(self.pool.submitted[number], 0)
        curve = tuple(
            EpochMetrics(0.5, 0.5, dev_metric, dev_metric, dev_metric, {"gradient_norm": 1.0})
            for _ in range(epochs - broke_off)
        )
        fold = FoldEnded(curve, min(1, len(curve)), {"error": dev_metric}, is_whole=move is Move.COMPLETED)
        reason = "diverged" if broke_off else ""
        self.move(number, move, TrialEnded(number, "w", ENDINGS[move], (fold,), epochs, 0.1, reason=reason))

    @precondition(lambda self: self.open_trials(Move.LOST))
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """Let a trial's worker die, before it was seen to start or after."""
        number = data.draw(st.sampled_from(self.open_trials(Move.LOST)))
        self.runs[number] += self.states[number] is State.WAITING
        move = Move.LOST if self.runs[number] < MAX_RUNS else Move.LOST_FOR_GOOD
        self.move(number, move, TrialLost(number, "w", "its worker was killed"))

    @rule()
    def kill(self) -> None:
        """Kill the coordinator, and let another take over: what was open waits, as if never run."""
        for number in self.open_trials(Move.LOST):
            self.states[number], self.runs[number] = State.WAITING, 0
        self.lease.release()
        self.take_over()

    @invariant()
    def storage_is_where_the_table_says(self) -> None:
        """Compare each trial's state; nothing is missing, nothing is twice."""
        if not hasattr(self, "config"):
            return
        stored = self.store.trials(self.config.name)
        assert [trial.number for trial in stored] == sorted(self.states)
        assert [trial.state for trial in stored] == [STORED[self.states[trial.number]] for trial in stored]
        is_over = all(state.is_ended for state in self.states.values())
        assert self.coordinator.is_done == is_over

    def teardown(self) -> None:
        """Give the study back."""
        if hasattr(self, "lease"):
            self.lease.release()


def test_every_walk_through_the_table_is_kept_as_it_was(studies_url: str) -> None:
    store = StudyStore(studies_url, create=True)
    walk = type("Walk", (LifecycleWalk,), {"store": store})
    run_state_machine_as_test(walk, settings=settings(max_examples=4, stateful_step_count=40))
    store.close()
