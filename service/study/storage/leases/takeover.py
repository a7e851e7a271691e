"""Which process gets a study's lease: one that finds it free, or its holder dead; of several, only one."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import IntegrityError

from service.seal.identity import current_process
from service.seal.ledger import process_columns
from service.study.storage.database_url import without_secrets
from service.study.storage.leases.table import DatabaseSeconds, LeaseHolder, holder_of, leases
from service.study.storage.next_command import next_command
from service.study.storage.storage_errors import StudyHeldError

WATCHED_SHARE = 1 / 3
"""Of its lapse time, how long a lapsed lease is watched: a holder that is well renews it twice meanwhile."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Taking:
    """What is to be taken.

    Attributes
    ----------
    study_name
        The study.
    token
        What tells the new lease from any other.
    is_run
        Whether the study is to be run; else something of it is changed.
    lapse_seconds
        How long the lease is to hold without being renewed (seconds).
    """

    study_name: str
    token: str
    is_run: bool
    lapse_seconds: float


def take_over(engine: Engine, taking: Taking, *, wait: Callable[[float], None]) -> LeaseHolder | None:
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


def _replace(engine: Engine, taking: Taking, seen: LeaseHolder | None) -> bool:
    """Write a new holder where the row is still as it was seen; tell whether it was."""
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
