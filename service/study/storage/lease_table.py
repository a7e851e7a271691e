"""The leases' table: who holds one, by the clock that all who look share, the database's own."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Engine,
    Float,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from service.seal.database_tables import create_missing
from service.seal.identity import ProcessIdentity, current_process

leases = Table(
    "proctor_leases",
    MetaData(),
    Column("study_name", String(512), primary_key=True),
    Column("holder", String(32)),  # a random token; nothing where nobody holds it
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("user", String(255), nullable=False),
    Column("process_start", String(32), nullable=False),
    Column("since", Float(53), nullable=False),  # this and the next: seconds since 1970, UTC
    Column("renewed_at", Float(53), nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("lapse_seconds", Float(53), nullable=False),
    Column("steps", Integer, nullable=False),
    Column("searched_seconds", Float(53), nullable=False),
    Column("is_run", Boolean, nullable=False),  # else something of the study is changed, which is soon done
    Column("asked_to_stop", String(32)),  # the holder that is to end: the next one has another token
)
"""One row a study that was ever run. `steps` counts what was recorded of it: a step is written once."""


class DatabaseSeconds(FunctionElement[float]):
    """The database's clock: seconds since 1970, UTC, with fractions."""

    type = Float(53)
    inherit_cache = True


@compiles(DatabaseSeconds)
def _seconds(element: DatabaseSeconds, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401, ARG001 (SQLAlchemy's protocol)
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


@compiles(DatabaseSeconds, "sqlite")
def _seconds_of_sqlite(element: DatabaseSeconds, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401, ARG001 (likewise)
    return "((julianday('now') - 2440587.5) * 86400.0)"


def create_leases(engine: Engine) -> None:
    """Make the table where it is missing; any number of processes may try at once.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        When the database cannot be written.
    """
    create_missing(engine, leases)


@dataclass(frozen=True, slots=True)
class LeaseHolder:
    """One row of the leases, seen at one instant.

    Attributes
    ----------
    token
        The lease's own; None where it has been given back.
    process
        Whose it is, or was.
    since
        When it was taken (seconds since 1970, UTC).
    renewals
        How often it was renewed.
    lapse_seconds
        How long it holds without being renewed (seconds).
    held_seconds
        For how long it is held (seconds).
    unrenewed_seconds
        How long it has not been renewed (seconds); below 0 where the database's clock was set back.
    steps
        How many steps have been recorded of the study.
    searched_seconds
        How long coordinators have run it (seconds).
    is_run
        Whether the holder runs the study, or ran it; else it changes something of it, which is soon done.
    is_asked_to_stop
        Whether somebody has asked this holder to end.
    """

    token: str | None
    process: ProcessIdentity
    since: float
    held_seconds: float
    renewals: int
    lapse_seconds: float
    unrenewed_seconds: float
    steps: int
    searched_seconds: float
    is_run: bool
    is_asked_to_stop: bool

    def __str__(self) -> str:
        return f"{self.process}, since {datetime.fromtimestamp(self.since, UTC):%Y-%m-%d %H:%M:%S} UTC"

    @property
    def left_seconds(self) -> float:
        """How long it still holds without being renewed (seconds)."""
        return self.lapse_seconds - self.unrenewed_seconds

    @property
    def seems_lapsed(self) -> bool:
        """Whether the clock says so; a renewal that lies in the future says nothing."""
        return not 0.0 <= self.unrenewed_seconds <= self.lapse_seconds

    @property
    def runs(self) -> bool:
        """Whether somebody runs the study, as far as can be told without watching the lease."""
        return self.token is not None and self.is_run and not (self.is_gone or self.seems_lapsed)

    @property
    def is_gone(self) -> bool:
        """Whether its process was on this host, and has ended."""
        return self.is_here and self.process.is_gone()

    @property
    def is_here(self) -> bool:
        """Whether its process is, or was, on this host."""
        return self.process.host == current_process().host


def holder_of(connection: Connection, study_name: str) -> LeaseHolder | None:
    """Return who holds a study's lease, or held it last; None where nobody ever did."""
    of_study = leases.c.study_name == study_name
    asked = select(leases, DatabaseSeconds().label("now")).where(of_study)
    row = connection.execute(asked).mappings().one_or_none()
    return None if row is None else _holder(row)


def all_holders(connection: Connection) -> dict[str, LeaseHolder]:
    """Return who holds each study's lease, or held it last."""
    rows = connection.execute(select(leases, DatabaseSeconds().label("now"))).mappings()
    return {row["study_name"]: _holder(row) for row in rows}


def _holder(row: RowMapping) -> LeaseHolder:
    return LeaseHolder(
        token=row["holder"],
        process=ProcessIdentity(row["host"], row["pid"], row["user"], row["process_start"]),
        since=row["since"],
        held_seconds=row["now"] - row["since"],
        renewals=row["renewals"],
        lapse_seconds=row["lapse_seconds"],
        unrenewed_seconds=row["now"] - row["renewed_at"],
        steps=row["steps"],
        searched_seconds=row["searched_seconds"],
        is_run=row["is_run"],
        is_asked_to_stop=row["holder"] is not None and row["asked_to_stop"] == row["holder"],
    )


def holder_here(connection: Connection, pid: int) -> ProcessIdentity | None:
    """Return the living process of a number on this host, where it runs a study; None where it does not."""
    held_here = (leases.c.pid == pid) & (leases.c.host == current_process().host)
    held_here &= leases.c.holder.is_not(None) & leases.c.is_run
    asked = select(leases.c.host, leases.c.pid, leases.c.user, leases.c.process_start).where(held_here)
    found = [ProcessIdentity(*row) for row in connection.execute(asked)]
    return next((process for process in found if not process.is_gone()), None)


def ask_to_stop(connection: Connection, study_name: str, token: str) -> bool:
    """Ask a study's holder to end in order; tell whether it still was the holder.

    The request is to this holder: whoever takes the lease next is not concerned.
    """
    holds = (leases.c.study_name == study_name) & (leases.c.holder == token)
    return connection.execute(update(leases).where(holds).values(asked_to_stop=token)).rowcount == 1
