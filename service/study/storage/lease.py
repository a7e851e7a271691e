"""The lease on a study: one coordinator runs it, and one that was thought dead can no longer write.

A lease is renewed while its holder lives, and lapses when it is not. Whether it has lapsed is decided by the
database's clock, and then made sure of by watching that nobody renews it, on a clock that does not jump: so a
wall clock set wrong costs a wait, never a study. And should a living holder be taken for dead all the same
(it was paused, or cut off), every write of its checks, in the transaction that writes, that the lease is
still its own. Of several processes that find it free, or its holder dead, only one gets it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from threading import Event, Thread
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, bindparam, insert, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from service.seal.identity import current_process
from service.seal.ledger import process_columns
from service.study.storage.database_failures import told_as_storage_errors
from service.study.storage.database_url import next_command, without_secrets
from service.study.storage.lease_table import DatabaseSeconds, LeaseHolder, create_leases, holder_of, leases
from service.study.storage.storage_errors import (
    LeaseLostError,
    StorageAwayError,
    StorageError,
    StudyHeldError,
)
from workers.run_clock import run_seconds

LAPSE_SECONDS = 30.0
"""How long a lease holds without being renewed."""

_RENEWALS_A_LAPSE = 6

_OWN = (
    update(leases)
    .where(leases.c.study_name == bindparam("of_study"), leases.c.holder == bindparam("of_holder"))
    .values(searched_seconds=bindparam("now_searched"))
)
_RENEW = _OWN.values(renewed_at=DatabaseSeconds(), renewals=leases.c.renewals + 1)
_STEP = _RENEW.where(leases.c.steps == bindparam("last_step")).values(steps=bindparam("now_step"))
_RELEASE = _OWN.values(holder=None)


@dataclass(slots=True, eq=False)
class Lease:
    """A study held by this process.

    Attributes
    ----------
    engine
        The study's database.
    study_name
        The study.
    token
        What distinguishes this lease from any other, before or after.
    lapse_seconds
        How long it holds without being renewed (seconds).
    steps
        How many steps have been recorded of the study.
    """

    engine: Engine
    study_name: str
    token: str
    lapse_seconds: float
    steps: int
    _searched_before: float
    _taken_at: float = field(default_factory=run_seconds)
    _renewed_at: float = field(default_factory=time.monotonic)
    _is_asked_to_stop: bool = False
    _pending: object = None
    _lost: LeaseLostError | None = None

    @classmethod
    def take(
        cls,
        engine: Engine,
        study_name: str,
        *,
        is_run: bool = True,
        lapse_seconds: float = LAPSE_SECONDS,
        wait: Callable[[float], None] = time.sleep,
    ) -> Self:
        """Take the lease on a study that nobody runs, or whose coordinator is dead.

        A holder on this host whose process is gone is replaced at once. One that cannot be asked is replaced
        when its lease has lapsed, after it has been watched for a third of that time.

        Parameters
        ----------
        engine
            The study's database.
        study_name
            A study that is there.
        is_run
            Whether the study is to be run; else something of it is changed, which is soon done.
        lapse_seconds
            How long the lease is to hold without being renewed (seconds).
        wait
            Waits for some seconds.

        Raises
        ------
        StudyHeldError
            Another coordinator runs the study.
        StorageError
            The database cannot be written.
        """
        token = token_hex(16)
        with told_as_storage_errors(engine.url):
            create_leases(engine)
            taking = _Taking(study_name, token, is_run=is_run, lapse_seconds=lapse_seconds)
            before = _take_over(engine, taking, wait=wait)
        steps, searched_seconds = (0, 0.0) if before is None else (before.steps, before.searched_seconds)
        return cls(engine, study_name, token, lapse_seconds, steps, searched_seconds)

    def __enter__(self) -> Self:
        """Hold the lease for a while."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give it back."""
        self.release()

    @property
    def searched_seconds(self) -> float:
        """Time that coordinators have run the study, over all its runs and without pauses (seconds)."""
        return self._searched_before + run_seconds() - self._taken_at

    @property
    def renewal_seconds(self) -> float:
        """How often a holder that is well renews it (seconds); each write that it holds for does, too."""
        return self.lapse_seconds / _RENEWALS_A_LAPSE

    @property
    def is_due(self) -> bool:
        """Whether it is time to renew it."""
        return time.monotonic() - self._renewed_at >= self.renewal_seconds

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether somebody has asked for the run to end in order, as far as the heartbeat has heard."""
        return self._is_asked_to_stop

    def listen(self) -> None:
        """Look whether somebody asks for the run to end; may be called by another thread.

        Raises
        ------
        StorageError
            The database cannot be read.
        """
        with told_as_storage_errors(self.engine.url), self.engine.connect() as connection:
            holder = holder_of(connection, self.study_name)
        if holder is not None and holder.token == self.token:
            self._is_asked_to_stop = holder.is_asked_to_stop

    def check(self) -> None:
        """Refuse to go on where a renewal has found that the lease is another's by now; asks nobody.

        Raises
        ------
        LeaseLostError
            With who has it.
        """
        if self._lost is not None:
            raise self._lost

    def renew(self) -> None:
        """Say that its holder lives; may be called by another thread.

        Raises
        ------
        LeaseLostError
            It is another's by now.
        StorageError
            The database cannot be written.
        """
        with told_as_storage_errors(self.engine.url), self.engine.begin() as connection:
            self.hold(connection)

    def release(self) -> None:
        """Give it back: the study is free at once. Where the database is away, it lapses instead."""
        values = self._own()
        try:
            with told_as_storage_errors(self.engine.url), self.engine.begin() as connection:
                connection.execute(_RELEASE, values)
        except StorageAwayError:
            return

    def hold(self, connection: Connection) -> None:
        """Renew it within a transaction, which then goes on as its holder's until it ends.

        Raises
        ------
        LeaseLostError
            It is another's by now.
        """
        began = time.monotonic()
        if not self._renewed(connection, step=None):
            raise self._loss(holder_of(connection, self.study_name))
        self._renewed_at = began

    def advance(self, connection: Connection, content: object) -> bool:
        """Begin the next step within a transaction; return whether there is something to write.

        There is not, where the very step has been written: a commit whose answer was lost. `done` says that
        it was committed; until then the same content is the only one to come.

        Parameters
        ----------
        connection
            The transaction that the step is written in.
        content
            What distinguishes the step from another.

        Raises
        ------
        LeaseLostError
            The lease is another's by now.
        ValueError
            Another step's outcome is unknown.
        """
        if self._pending not in {None, content}:
            raise ValueError(f"expected the step whose outcome is unknown to be repeated, got {content}")
        self._pending = content
        began = time.monotonic()
        if self._renewed(connection, step=self.steps + 1):
            self._renewed_at = began
            return True
        seen = holder_of(connection, self.study_name)
        if seen is None or seen.token != self.token:
            raise self._loss(seen)
        return False

    def done(self) -> None:
        """Count the step: it is durable."""
        self.steps += 1
        self._pending = None

    def undone(self) -> None:
        """Forget the step: nothing of it is kept, for certain."""
        self._pending = None

    def _own(self) -> dict[str, object]:
        """Return what finds its row, and what is always written there."""
        return {
            "of_study": self.study_name,
            "of_holder": self.token,
            "now_searched": self.searched_seconds,
        }

    def _renewed(self, connection: Connection, *, step: int | None) -> bool:
        """Change the row where it is this lease's, and not yet at the step; return whether it was."""
        values = self._own()
        if step is None:
            return connection.execute(_RENEW, values).rowcount == 1
        return connection.execute(_STEP, {**values, "now_step": step, "last_step": step - 1}).rowcount == 1

    def _loss(self, now: LeaseHolder | None) -> LeaseLostError:
        by = "nobody" if now is None or now.token is None else str(now)
        self._lost = LeaseLostError(
            f"study {self.study_name!r} is run by {by}: this process was paused or cut off for too long"
            " and has been replaced; what it had not kept yet is run again"
        )
        return self._lost


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Renew a lease from a thread, for as long as the block runs.

    It hears meanwhile whether somebody asks for the run to end. While the database is away it goes on trying.
    When the lease is found to be another's, it ends; the lease's `check`, and every write that the lease
    holds for, say so then.
    """
    is_over = Event()
    thread = Thread(target=_beat, args=(lease, is_over), name=f"lease on {lease.study_name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _beat(lease: Lease, is_over: Event) -> None:
    while not is_over.wait(lease.renewal_seconds / 2):
        try:
            if lease.is_due:
                lease.renew()
            lease.listen()
        except StorageError:
            continue
        except LeaseLostError:
            return


WATCHED_SHARE = 1 / 3
"""Of its lapse time, how long a lapsed lease is watched: a holder that is well renews it twice meanwhile."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Taking:
    """What is to be taken.

    Attributes
    ----------
    study_name
        The study.
    token
        What distinguishes the new lease from any other.
    is_run
        Whether the study is to be run; else something of it is changed.
    lapse_seconds
        How long the lease is to hold without being renewed (seconds).
    """

    study_name: str
    token: str
    is_run: bool
    lapse_seconds: float


def _take_over(engine: Engine, taking: _Taking, *, wait: Callable[[float], None]) -> LeaseHolder | None:
    """Make a token the holder of a study's lease; return the holder before it, None for the first ever.

    Raises
    ------
    StudyHeldError
        When another process holds it.
    """
    for _ in range(_TRIES):
        seen = _look(engine, taking.study_name)
        if seen is not None and seen.token is not None and not seen.is_gone:
            if not seen.seems_lapsed:
                raise StudyHeldError(_who_holds(engine, taking.study_name, seen))
            wait(seen.lapse_seconds * WATCHED_SHARE)  # if it is renewed meanwhile, it is not replaced
        if _replace(engine, taking, seen):
            return seen
    raise StudyHeldError(f"other processes keep taking study {taking.study_name!r} over: try again")


def _look(engine: Engine, study_name: str) -> LeaseHolder | None:
    with engine.connect() as connection:
        return holder_of(connection, study_name)


def _who_holds(engine: Engine, study_name: str, holder: LeaseHolder) -> str:
    """Say who runs a study since when, and what to type; who is elsewhere may be dead unseen."""
    if holder.is_run:
        shown = without_secrets(engine.url)
        watch, stop = (next_command(shown, command, study_name) for command in ("watch", "stop"))
        said = f"study {study_name!r} is running: {holder}; `{watch}` shows it, `{stop}` stops it"
    else:
        said = f"study {study_name!r} is being changed by {holder}: try again when that is done"
    if holder.is_here:
        return said
    return f"{said}; if that process is dead, the study is free in {max(holder.left_seconds, 0.0):.0f} s"


def _replace(engine: Engine, taking: _Taking, seen: LeaseHolder | None) -> bool:
    """Write a new holder where the row is still as it was seen; return whether it was."""
    now = DatabaseSeconds()
    holder = {
        "holder": taking.token,
        **process_columns(current_process()),
        "since": now,
        "renewed_at": now,
        "is_run": taking.is_run,
        "lapse_seconds": taking.lapse_seconds,
    }
    if seen is None:
        first = {
            "study_name": taking.study_name,
            **holder,
            "renewals": 0,
            "steps": 0,
            "searched_seconds": 0.0,
        }
        try:
            with engine.begin() as connection:
                connection.execute(insert(leases).values(first))
        except IntegrityError:  # another was faster
            return False
        return True
    unchanged = update(leases).where(
        leases.c.study_name == taking.study_name,
        leases.c.holder.is_not_distinct_from(seen.token),
        leases.c.renewals == seen.renewals,
    )
    with engine.begin() as connection:
        changed = connection.execute(unchanged.values(holder | {"renewals": leases.c.renewals + 1}))
        return changed.rowcount == 1
