"""A worker without a process: trials run one after the other in a thread of this one."""

import os
import socket
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread

from workers.messages import Event, TrialEnded, TrialRequest
from workers.run_clock import run_seconds
from workers.trial.progress_reports import ProgressReports
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

_CLOSE_SECONDS = 1.0
"""How long an epoch may take to end before its thread is left to itself (seconds)."""


class TrainingThread:
    """Runs the trials that it is handed, one after the other, and tells of them.

    The caller limits the threads of BLAS to one, in the whole process, for as long as a trial runs.

    Parameters
    ----------
    data
        What trials are trained on.
    silence_seconds
        For how long nothing may be told of a trial's progress (seconds).
    """

    def __init__(self, data: TrialData, *, silence_seconds: float) -> None:
        self._data, self._silence_seconds = data, silence_seconds
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._requests: SimpleQueue[TrialRequest | None] = SimpleQueue()
        self._told: SimpleQueue[Event | BaseException | None] = SimpleQueue()
        self._is_over = Flag()
        self._n_handed = self._n_ended = 0
        self._trained_seconds = 0.0
        self._began: float | None = None  # when the trial did that runs
        self._thread = Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    @property
    def n_in_hand(self) -> int:
        """Number of trials handed over whose ends have not been heard."""
        return self._n_handed - self._n_ended

    @property
    def n_ended(self) -> int:
        """Number of trials whose ends have been heard."""
        return self._n_ended

    @property
    def trained_seconds(self) -> float:
        """For how long trials have run until now (seconds)."""
        began = self._began
        return self._trained_seconds + (0.0 if began is None else run_seconds() - began)

    def hand(self, request: TrialRequest) -> None:
        """Hand over a trial, which begins once those before it have ended."""
        self._n_handed += 1
        self._requests.put(request)

    def recall(self) -> list[TrialRequest]:
        """Take back the trials that have not begun, in their order."""
        recalled: list[TrialRequest] = []
        with suppress(Empty):
            while (request := self._requests.get_nowait()) is not None:
                recalled.append(request)
        self._n_handed -= len(recalled)
        return recalled

    def wake(self) -> None:
        """End somebody's wait for events; may be called from any thread."""
        self._told.put(None)

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what has happened since the last call, waiting for something at most so long (seconds)."""
        happened: list[Event] = []
        try:
            heard = self._told.get(timeout=max(timeout_seconds, 0.0))
            while True:
                if isinstance(heard, BaseException):
                    raise heard  # a fault in the training's own code: its traceback is for people who mend it
                if heard is not None:
                    happened.append(heard)
                    if isinstance(heard, TrialEnded):
                        self._n_ended += 1
                heard = self._told.get_nowait()
        except Empty:
            return happened

    def close(self) -> None:
        """Drop the trial that runs, at the end of its epoch, and end. May be called twice."""
        self._is_over.set()
        self._requests.put(None)
        self._thread.join(_CLOSE_SECONDS)

    def _work(self) -> None:
        while (request := self._requests.get()) is not None and not self._is_over.is_set():
            began = self._began = run_seconds()
            try:
                self._run(request)
            except BaseException as error:  # noqa: BLE001 (raised again where somebody listens)
                self._told.put(error)
            self._began = None
            self._trained_seconds += run_seconds() - began

    def _run(self, request: TrialRequest) -> None:
        reports = ProgressReports(request, silence_seconds=self._silence_seconds, now=time.monotonic())
        for event in run_trial(self._data, request, worker=self._name):
            if self._is_over.is_set():
                return
            if reports.is_due(event, time.monotonic()):
                self._told.put(event)
