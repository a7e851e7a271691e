"""Where disturbances strike: the command that runs a study, and what it depends on."""

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy
from optuna.trial import TrialState

from tests.chaos.study import NAME, DisturbedStudy
from tests.end_to_end.commands import descendants, environment, on_ray

KILLS_A_TRIAL_SURVIVES = 2
"""A trial whose worker dies a third time is failed as such, which an undisturbed study has no match for."""

# Asked often, and while the coordinator works: plain queries, where a store would open with a dozen.
_STUDIES = sqlalchemy.text("SELECT count(*) FROM studies WHERE study_name = :name")
_TRIALS = sqlalchemy.text(
    "SELECT number, state FROM trials JOIN studies USING (study_id) WHERE study_name = :name"
)


@dataclass
class Scene:
    """A study under way.

    Attributes
    ----------
    study
        What runs.
    directory
        Where the command runs, and where its output goes.
    places
        Words that say where trials run: `--workers 2`, or `--address ...`.
    variables
        Environment variables of the command.
    process
        The command; None before the first start.
    n_starts
        How often it was started.
    choose_places
        Chooses `places` anew at each start.
    """

    study: DisturbedStudy
    directory: Path
    places: tuple[str, ...] = ("--workers", "2")
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    n_starts: int = 0
    choose_places: Callable[[], tuple[str, ...]] | None = None
    _marked: dict[int, TrialState] | None = None
    _kills: Counter[int] = field(default_factory=Counter)

    def start(self) -> None:
        """Begin the study, or take it up again where it is in the database."""
        self._marked = self.trial_states()
        words = self.study.begin if self._marked is None else self.study.go_on
        self.places = self.choose_places() if self.choose_places else self.places
        self.n_starts += 1
        with self._output().open("w") as output:
            self.process = subprocess.Popen(
                on_ray("first", *words, *self.places),
                cwd=self.directory,
                env=environment(**self.variables),
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The coordinator's process."""
        assert self.process is not None
        return self.process.pid

    @property
    def status(self) -> int | None:
        """Exit status of the command; None while it runs."""
        assert self.process is not None
        return self.process.poll()

    def is_under_way(self) -> bool:
        """Whether the command has written trials since its start, or since the last `mark`."""
        states = self.trial_states()
        return self.status is None and states is not None and states != (self._marked or {})

    def mark(self) -> None:
        """Let the study count as under way once it has gone on from here."""
        self._marked = self.trial_states()

    def last_words(self) -> str:
        """Return the last line that the command printed."""
        lines = self._output().read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def trial_states(self) -> dict[int, TrialState] | None:
        """Return the trials' states by number; None where the study cannot be read, or is not there yet."""
        engine = sqlalchemy.create_engine(self.study.storage, poolclass=sqlalchemy.NullPool)
        try:
            with engine.connect() as connection:
                if connection.execute(_STUDIES, {"name": NAME}).scalar_one() == 0:
                    return None
                rows = connection.execute(_TRIALS, {"name": NAME})
                return {row.number: TrialState[row.state] for row in rows}
        except sqlalchemy.exc.SQLAlchemyError:
            return None

    def n_ended(self) -> int:
        """Return how many trials have ended, as far as can be read."""
        return sum(state.is_finished() for state in (self.trial_states() or {}).values())

    def processes(self, beginning: str) -> list[int]:
        """Return the processes of the Ray that the study runs on, its own or a cluster's, that begin so."""
        above = os.getpid() if "--address" in self.places else self.pid
        return [
            pid
            for pid, name in sorted(descendants(above).items())
            if name.split(" ")[0].rpartition("/")[2].startswith(beginning)
        ]

    def spares_a_worker(self) -> bool:
        """Whether a worker may be killed: none of the trials under way has lost as many as it survives."""
        running = self._running()
        return running is not None and all(self._kills[n] < KILLS_A_TRIAL_SURVIVES for n in running)

    @contextmanager
    def losing_workers(self, *, within_seconds: float) -> Iterator[None]:
        """Remember which trials may have lost a worker by what is done here, at once or a little later."""
        before = self._running() or []
        yield
        self.wait(within_seconds)
        self._kills.update({*before, *(self._running() or [])})

    def end(self) -> None:
        """Kill whatever of the command is left."""
        if self.process is None:
            return
        below = descendants(self.pid)
        for pid in (self.pid, *below):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def wait(self, seconds: float) -> None:
        """Let time go by, no longer than the command runs."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.status is None:
            time.sleep(min(0.02, max(until - time.monotonic(), 0)))

    def _running(self) -> list[int] | None:
        states = self.trial_states()
        return None if states is None else [n for n, state in states.items() if not state.is_finished()]

    def _output(self) -> Path:
        return self.directory / f"output-{self.n_starts}.txt"
