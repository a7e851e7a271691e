"""A pool of any number of workers in simulated time: no network is trained, a script tells how trials go.

It shows what a coordinator does with thousands of workers, on one processor, in little time. Its clock jumps
from event to event. A coordinator's own time can be charged to it: while the coordinator computes, simulated
workers run on, and come to stand idle.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import count

from workers.messages import Event, TrialAdvanced, TrialEnded, TrialLost, TrialRequest, TrialStarted
from workers.pools.pool import silence_seconds
from workers.trial.progress_reports import ProgressReports


@dataclass(frozen=True, slots=True)
class ScriptedRun:
    """How a run of a trial goes.

    Attributes
    ----------
    end
        How it ends; number, worker and seconds are put in by the pool.
    seconds
        How long it takes (simulated seconds); each epoch takes the same.
    dies_after
        When its worker dies under it, from its start (simulated seconds); None where it does not.
    certain_epochs
        For each epoch, what is certain of the trial's length after it; empty where nothing is but the next.
    """

    end: TrialEnded
    seconds: float
    dies_after: float | None = None
    certain_epochs: tuple[int, ...] = ()


Script = Callable[[TrialRequest, int], ScriptedRun]
"""Gives, for a request and the number of times that it was run before, how it goes."""


@dataclass(frozen=True, slots=True)
class SimulatedTimes:
    """What takes time besides trials, in simulated seconds.

    Attributes
    ----------
    advance_seconds
        For how long a worker may say nothing of its trial's progress; None: as on Ray, longer the more
        workers there are.
    restart_seconds
        How long after a worker's death another is in its place.
    message_seconds
        What the coordinator is charged for each message, besides its own time: each request and each event,
        but for a start right after an end at the same worker, which nobody needs to report.
    """

    advance_seconds: float | None = None
    restart_seconds: float = 2.0
    message_seconds: float = 0.0


class _Deed(Enum):
    """What a simulated worker does at an instant."""

    COME = auto()
    ADVANCE = auto()
    END = auto()
    DIE = auto()


@dataclass(slots=True)
class _Run:
    """What a simulated worker runs.

    Attributes
    ----------
    advance
        What it tells next of its progress.
    told
        Epochs that it told of last.
    due
        Its one entry among what is due that counts; None where it is over.
    """

    request: TrialRequest
    script: ScriptedRun
    start: float
    reports: ProgressReports
    advance: TrialAdvanced
    told: int = 0
    due: int | None = None

    @property
    def epoch_seconds(self) -> float:
        """How long an epoch takes (simulated seconds)."""
        return self.script.seconds / max(self.script.end.epochs, 1)

    def after(self, epochs: int) -> TrialAdvanced:
        """Return what there is to tell after so many epochs."""
        certain = self.script.certain_epochs[epochs - 1] if self.script.certain_epochs else 0
        return replace(self.advance, epochs=epochs, certain_epochs=certain)


class SimulatedPool:
    """A `WorkerPool` in simulated time.

    Requests wait in one queue, from which a worker takes the next at the instant that it is free: workers
    never wait for messages, as Ray's do not, which have their next trial with them.

    Parameters
    ----------
    script
        How trials go.
    n_workers
        How many run at once.
    times
        What takes time besides trials.
    stopwatch
        Gives the time that is charged to the simulated clock between one call of the pool and the next, such
        as `time.perf_counter` (seconds); None charges nothing. What the pool itself takes is never charged.

    Attributes
    ----------
    now
        Where the simulated clock stands (seconds).
    charged_seconds
        What the stopwatch has added to it.
    spans
        For each worker, start and end of each run that came to its end (simulated seconds).
    """

    def __init__(
        self,
        script: Script,
        *,
        n_workers: int,
        times: SimulatedTimes = SimulatedTimes(),
        stopwatch: Callable[[], float] | None = None,
    ) -> None:
        self._script, self._times, self._stopwatch = script, times, stopwatch
        asked = times.advance_seconds
        self._silence_seconds = silence_seconds(n_workers) if asked is None else asked
        self._queue: deque[TrialRequest] = deque()
        self._n_runs: dict[int, int] = {}
        self._runs: dict[int, _Run] = {}
        self._free = list(range(n_workers))  # a heap: the first free worker takes the next trial
        self._due: list[tuple[float, int, int, _Deed]] = []  # a heap: instant, order of entry, worker, deed
        self._entries = count()
        self._happened: list[Event] = []
        self._followed: set[int] = set()
        self._n_implied = 0  # starts that need no message, among what has happened
        self._left_at = 0.0 if stopwatch is None else stopwatch()
        self.now = 0.0
        self.charged_seconds = 0.0
        self.spans: list[list[tuple[float, float]]] = [[] for _ in range(n_workers)]

    @property
    def n_workers(self) -> int:
        """How many trials run at once."""
        return len(self.spans)

    def busy_seconds(self, *, since: float = 0.0, until: float) -> list[float]:
        """Return how long each worker ran trials that came to their end, between two instants (seconds)."""
        return [
            sum(max(0.0, min(end, until) - max(start, since)) for start, end in spans) for spans in self.spans
        ]

    def use(self, *, since: float = 0.0, until: float) -> float:
        """Return the share of all workers' time, between two instants, in which they were busy."""
        return sum(self.busy_seconds(since=since, until=until)) / (self.n_workers * (until - since))

    def submit(self, request: TrialRequest) -> None:
        """Queue a trial."""
        self._charge()
        self.now += self._times.message_seconds
        self._run_until(self.now)
        self._queue.append(request)
        self._hand_out()
        self._leave()

    def follow(self, number: int) -> None:
        """Let a trial's worker tell how far it has come, and from now on what the clock waits for."""
        self._charge()
        self.now += self._times.message_seconds
        self._run_until(self.now)
        self._followed.add(number)
        for worker, run in self._runs.items():
            if run.request.number == number and run.due is not None:
                self._tell(worker, run)
        self._leave()

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what has happened since the last call; where nothing has, jump to when something does.

        Only where nothing will happen is the timeout waited for (simulated seconds).
        """
        self._charge()
        self._run_until(self.now)
        if not self._happened:
            self._run_until(self._due[0][0] if self._due else self.now + timeout_seconds)
        happened, self._happened = self._happened, []
        self.now += self._times.message_seconds * (len(happened) - self._n_implied)
        self._n_implied = 0
        self._leave()
        return happened

    def close(self) -> None:
        """Drop what waits and runs."""
        self._queue.clear()
        self._runs.clear()
        self._due.clear()
        self._happened.clear()

    def _charge(self) -> None:
        if self._stopwatch is not None:
            passed = self._stopwatch() - self._left_at
            self.charged_seconds += passed
            self.now += passed

    def _leave(self) -> None:
        if self._stopwatch is not None:
            self._left_at = self._stopwatch()

    def _run_until(self, instant: float) -> None:
        """Let everything happen that is due by an instant."""
        now = self.now
        while self._due and self._due[0][0] <= instant:
            self.now, entry, worker, deed = heapq.heappop(self._due)
            if deed is _Deed.COME or self._is_due(worker, entry):
                self._do(worker, deed)
                self._hand_out()
        self.now = max(now, instant)

    def _is_due(self, worker: int, entry: int) -> bool:
        return worker in self._runs and self._runs[worker].due == entry

    def _tell(self, worker: int, run: _Run) -> None:
        """Tell how far a run has come by now, and find anew what it does next, with more to tell."""
        run.reports = self._reports(run.request)
        epochs = min(int((self.now - run.start) / run.epoch_seconds), run.script.end.epochs - 1)
        run.advance = run.after(epochs) if epochs else replace(run.advance, epochs=0)
        if epochs:
            run.reports.is_due(run.advance, self.now)
        run.reports.follow()
        if epochs > run.told:
            run.told = epochs
            self._happened.append(run.advance)
        self._enter_next(worker, run)

    def _reports(self, request: TrialRequest) -> ProgressReports:
        reports = ProgressReports(request, silence_seconds=self._silence_seconds, now=self.now)
        if request.number in self._followed:
            reports.follow()
        return reports

    def _do(self, worker: int, deed: _Deed) -> None:
        if deed is _Deed.COME:
            heapq.heappush(self._free, worker)
            return
        run, name = self._runs[worker], _name(worker)
        number = run.request.number
        run.due = None
        match deed:
            case _Deed.ADVANCE:
                run.told = run.advance.epochs
                self._happened.append(run.advance)
                self._enter_next(worker, run)
            case _Deed.END:
                self.spans[worker].append((run.start, self.now))
                end = replace(run.script.end, number=number, worker=name, seconds=run.script.seconds)
                self._happened.append(end)
                self._enter(self.now, worker, _Deed.COME)
            case _Deed.DIE:
                self._happened.append(TrialLost(number, name, "its worker died (simulated)"))
                self._enter(self.now + self._times.restart_seconds, worker, _Deed.COME)

    def _hand_out(self) -> None:
        while self._queue and self._free:
            request, worker = self._queue.popleft(), heapq.heappop(self._free)
            n_before = self._n_runs.get(request.number, 0)
            self._n_runs[request.number] = n_before + 1
            run = _Run(
                request,
                self._script(request, n_before),
                self.now,
                self._reports(request),
                TrialAdvanced(request.number, _name(worker), 0),
            )
            self._runs[worker] = run
            self._happened.append(TrialStarted(request.number, _name(worker)))
            spans = self.spans[worker]
            self._n_implied += bool(spans) and spans[-1][1] == self.now
            self._enter_next(worker, run)

    def _enter_next(self, worker: int, run: _Run) -> None:
        """Find what a run does next: tell of an epoch that is worth a message, or come to its end."""
        script = run.script
        over = script.seconds if script.dies_after is None else script.dies_after
        for epochs in range(run.advance.epochs + 1, script.end.epochs):
            passed = epochs * run.epoch_seconds
            if passed >= over:
                break
            run.advance = run.after(epochs)
            if run.reports.is_due(run.advance, run.start + passed):
                run.due = self._enter(run.start + passed, worker, _Deed.ADVANCE)
                return
        end = _Deed.END if script.dies_after is None else _Deed.DIE
        run.due = self._enter(run.start + over, worker, end)

    def _enter(self, instant: float, worker: int, deed: _Deed) -> int:
        entry = next(self._entries)
        heapq.heappush(self._due, (instant, entry, worker, deed))
        return entry


def _name(worker: int) -> str:
    return f"simulated-{worker}"
