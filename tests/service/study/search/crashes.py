"""Coordinators that crash and workers that die, at a moment that a test says."""

from pathlib import Path

from service.study.storage.study_store import StudyStore
from tests import new_database
from tests.service.study.search.studies import Witness, two_moons
from workers.messages import Event, TrialLost, TrialStarted
from workers.pools.in_process_pool import InProcessPool


def new_store(directory: Path, name: str) -> StudyStore:
    return new_database.new_store(directory / f"{name}.db")


class Crash(BaseException):
    """Ends the coordinator on the spot."""


class DyingPool(InProcessPool):
    """A pool whose workers die under given trials, a given number of times each."""

    def __init__(self, deaths: dict[int, int]) -> None:
        super().__init__(two_moons(), n_workers=2)
        self._deaths = dict(deaths)

    def events(self, timeout_seconds: float) -> list[Event]:
        """Return what happened, deaths included."""
        happened: list[Event] = []
        for event in super().events(timeout_seconds):
            happened.append(event)
            if isinstance(event, TrialStarted) and self._deaths.get(event.number, 0):
                self._deaths[event.number] -= 1
                place = int(event.worker.rpartition("-")[2])
                self._runs[place] = None
                happened.append(TrialLost(event.number, event.worker, "its worker was killed"))
        return happened


def crashing_after(n_events: int) -> Witness:
    left = n_events

    def crash(_: Event) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Crash

    return Witness(on_event=crash)
