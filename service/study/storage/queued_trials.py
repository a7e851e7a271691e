"""Trials that another tool queued, by Optuna's `enqueue_trial`, within somebody's transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from optuna.trial import TrialState
from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection

from service.study.storage import optuna_tables as tables
from service.study.storage.attribute_names import OF_COORDINATOR, TAKEN_AS
from service.study.storage.foreign_trials import FIXED_PARAMS

_trials, _attributes, _system = tables.trials.c, tables.attributes.c, tables.system_attributes.c
_QUEUED = (
    select(_trials.trial_id, _trials.number, _system.value_json)
    .outerjoin(
        tables.system_attributes,
        (_system.trial_id == _trials.trial_id) & (_system.key == FIXED_PARAMS),
    )
    .where(_trials.study_id == bindparam("of_study"), _trials.state == TrialState.WAITING)
    .where(_trials.trial_id > bindparam("after"))
    .where(
        ~select(1)
        .where(_attributes.trial_id == _trials.trial_id, _attributes.key.in_(OF_COORDINATOR))
        .exists()
    )
    .order_by(_trials.number)
)


@dataclass(frozen=True, slots=True)
class QueuedTrial:
    """A trial that waits for a tool to run it.

    Attributes
    ----------
    key
        Its key in the database.
    number
        Its number in the study.
    params
        The values that it is to have; the rest is left to whoever runs it. None where another tool made it
        wait without values of this kind.
    """

    key: int
    number: int
    params: dict[str, Any] | None = field(compare=False)


def newest_key(connection: Connection) -> int:
    """Return the key of the newest trial of the database, whichever study it is of; 0 where there is none."""
    return connection.execute(select(func.max(_trials.trial_id))).scalar_one() or 0


def queued_trials(connection: Connection, study_id: int, *, after: int = 0) -> Sequence[QueuedTrial]:
    """Return a study's queued trials with keys above `after`, by number."""
    return [
        QueuedTrial(row.trial_id, row.number, None if row.value_json is None else json.loads(row.value_json))
        for row in connection.execute(_QUEUED, {"of_study": study_id, "after": after})
    ]


def mark_taken(connection: Connection, trial: QueuedTrial, place: int) -> bool:
    """Let no tool run a queued trial any more, which becomes a point of the study's list; tell if it is one.

    It is not where a tool has begun to run it.

    Optuna has no state for it but FAIL; the attribute says why.

    Parameters
    ----------
    connection
        The transaction, which holds the lock on the study.
    trial
        The trial.
    place
        The point's place in the list.
    """
    taken = tables.trials.update().where(_trials.trial_id == trial.key, _trials.state == TrialState.WAITING)
    now = datetime.now(UTC).replace(tzinfo=None)  # as Optuna stores it
    if connection.execute(taken.values(state=TrialState.FAIL, datetime_complete=now)).rowcount != 1:
        return False
    row = {"trial_id": trial.key, "key": TAKEN_AS, "value_json": json.dumps(place)}
    connection.execute(tables.attributes.insert(), row)
    return True
