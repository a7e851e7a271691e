"""Which process gets a study's lease: one that finds it free, or its holder dead; of several, only one."""

from collections.abc import Callable

from sqlalchemy import Engine, insert, update
from sqlalchemy.exc import IntegrityError

from service.seal.ledger import process_columns
from service.seal.process_identity import current_process
from service.study.storage.leases.table import DatabaseSeconds, LeaseHolder, holder_of, leases
from service.study.storage.storage_errors import StudyHeldError

WATCHED_SHARE = 1 / 3
"""Of its lapse time, how long a lapsed lease is watched: a holder that is well renews it twice meanwhile."""

_TRIES = 3


def take_over(
    engine: Engine, study_name: str, *, token: str, lapse_seconds: float, wait: Callable[[float], None]
) -> LeaseHolder | None:
    """Make a token the holder of a study's lease; return the holder before it, None for the first ever.

    Raises
    ------
    StudyHeldError
        When another coordinator holds it.
    """
    for _ in range(_TRIES):
        seen = _look(engine, study_name)
        if seen is not None and seen.token is not None and not seen.is_gone:
            if not seen.seems_lapsed:
                raise _held(study_name, seen)
            wait(seen.lapse_seconds * WATCHED_SHARE)  # if it is renewed meanwhile, it is not replaced
        if _replace(engine, study_name, seen, token=token, lapse_seconds=lapse_seconds):
            return seen
    raise StudyHeldError(f"other processes keep taking study {study_name!r} over: try again")


def _look(engine: Engine, study_name: str) -> LeaseHolder | None:
    with engine.connect() as connection:
        return holder_of(connection, study_name)


def _held(study_name: str, holder: LeaseHolder) -> StudyHeldError:
    return StudyHeldError(
        f"study {study_name!r} is run by {holder}: only one process can run a study at a time; if that one is"
        f" dead, its lease lapses in {max(holder.left_seconds, 0.0):.0f} s"
    )


def _replace(
    engine: Engine, study_name: str, seen: LeaseHolder | None, *, token: str, lapse_seconds: float
) -> bool:
    """Write a new holder where the row is still as it was seen; tell whether it was."""
    now = DatabaseSeconds()
    holder = {
        "holder": token,
        **process_columns(current_process()),
        "since": now,
        "renewed_at": now,
        "lapse_seconds": lapse_seconds,
    }
    if seen is None:
        first = {"study_name": study_name, **holder, "renewals": 0, "steps": 0, "searched_seconds": 0.0}
        try:
            with engine.begin() as connection:
                connection.execute(insert(leases).values(first))
        except IntegrityError:  # another was faster
            return False
        return True
    unchanged = update(leases).where(
        leases.c.study_name == study_name,
        leases.c.holder.is_not_distinct_from(seen.token),
        leases.c.renewals == seen.renewals,
    )
    with engine.begin() as connection:
        changed = connection.execute(unchanged.values(holder | {"renewals": leases.c.renewals + 1}))
        return changed.rowcount == 1
