"""The ledger's table, and what its rows mean; asking and writing are the ledger's."""

import json
from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Integer, MetaData, RowMapping, String, Table, Text, UniqueConstraint

from service.seal.openings import Look
from service.seal.process_identity import ProcessIdentity

openings = Table(
    "proctor_openings",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("study_name", String(512), nullable=False),
    Column("test_fingerprint", String(64), nullable=False),
    Column("look", Integer, nullable=False),
    Column("look_at_set", Integer, nullable=False),
    Column("winner_trial", Integer, nullable=False),
    Column("reason", Text),
    Column("opened_at", DateTime, nullable=False),  # naive UTC, as Optuna's own times are
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("user", String(255), nullable=False),
    Column("process_start", String(32), nullable=False),
    Column("resumes", Integer, nullable=False),
    Column("finished_at", DateTime),
    Column("figures", Text),
    UniqueConstraint("study_name", "look"),
    UniqueConstraint("test_fingerprint", "look_at_set"),
)
"""One row an opening. The unique keys are the seal's guard: of all who insert a study's next look, or any
study's next look at one test set, one succeeds."""


def process_columns(process: ProcessIdentity) -> dict[str, object]:
    """Return the columns that say who holds an opening."""
    return {
        "host": process.host,
        "pid": process.pid,
        "user": process.user,
        "process_start": process.start,
    }


def look_of(row: RowMapping) -> Look:
    """Return what a row remembers."""
    figures = row["figures"]
    return Look(
        study_name=row["study_name"],
        test_fingerprint=row["test_fingerprint"],
        look=row["look"],
        winner_trial=row["winner_trial"],
        reason=row["reason"],
        opened_at=row["opened_at"].replace(tzinfo=UTC),
        process=ProcessIdentity(row["host"], row["pid"], row["user"], row["process_start"]),
        resumes=row["resumes"],
        finished_at=row["finished_at"] and row["finished_at"].replace(tzinfo=UTC),
        figures=None if figures is None else json.loads(figures),
    )


def now() -> datetime:
    """Return the time as the table keeps it: UTC, naive."""
    return datetime.now(UTC).replace(tzinfo=None)
