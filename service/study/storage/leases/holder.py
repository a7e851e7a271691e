"""Who holds the lease on a study, as the database has it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.engine import Connection

from service.seal.process_identity import ProcessIdentity, current_process
from service.study.storage.leases.table import DatabaseSeconds, leases


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
    unrenewed_seconds
        How long it has not been renewed (seconds); below 0 where the database's clock was set back.
    steps
        How many steps have been recorded of the study.
    searched_seconds
        How long coordinators have run it (seconds).
    """

    token: str | None
    process: ProcessIdentity
    since: float
    renewals: int
    lapse_seconds: float
    unrenewed_seconds: float
    steps: int
    searched_seconds: float

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
    def is_gone(self) -> bool:
        """Whether its process was on this host, and has ended."""
        return self.process.host == current_process().host and self.process.is_gone()


def holder_of(connection: Connection, study_name: str) -> LeaseHolder | None:
    """Return who holds a study's lease, or held it last; None where nobody ever did."""
    of_study = leases.c.study_name == study_name
    asked = select(leases, DatabaseSeconds().label("now")).where(of_study)
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        return None
    return LeaseHolder(
        token=row["holder"],
        process=ProcessIdentity(row["host"], row["pid"], row["user"], row["process_start"]),
        since=row["since"],
        renewals=row["renewals"],
        lapse_seconds=row["lapse_seconds"],
        unrenewed_seconds=row["now"] - row["renewed_at"],
        steps=row["steps"],
        searched_seconds=row["searched_seconds"],
    )
