"""Trials that another tool made or ended in a study of ours: known at reading and left out from there.

Optuna's `enqueue_trial`, `ask`, `tell` and `add_trial`, and the dashboard, work on any study. Such trials
have no place on the virtual clock. They keep their numbers; nothing counts, ranks, chooses or samples by
them. One that waits in Optuna's queue can be taken up as a point of the study, within a transaction.
"""

import json
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection

from service.study.storage import optuna_tables as tables
from service.study.storage.kept_trials import record_of
from service.study.storage.study_format import OF_COORDINATOR, TAKEN_AS

FIXED_PARAMS = "fixed_params"
"""Optuna's system attribute: the values of a trial that `enqueue_trial` queued."""


class Deed(StrEnum):
    """What another tool did with a trial, in words."""

    QUEUED = "queued by another tool"
    TAKEN = "queued by another tool and taken up as an enqueued point"
    MADE = "made by another tool"
    ENDED = "ended by another tool while it ran"


class ForeignTrial(NamedTuple):
    """A trial that another tool made, or ended, as it stands in storage."""

    trial: FrozenTrial
    deed: Deed

    @property
    def is_taken_back(self) -> bool:
        """Whether it is a trial of the study's own all the same, which is run again."""
        return self.deed is Deed.ENDED


class SortedTrials(NamedTuple):
    """A study's trials by whose they are, each by number."""

    own: list[FrozenTrial]
    foreign: list[ForeignTrial]


def sort_trials(trials: Iterable[FrozenTrial]) -> SortedTrials:
    """Tell a study's own trials from those of other tools.

    A trial of the study's own that another tool ended is still to be run: it is among the own ones as
    running, without what that tool wrote, and among the foreign ones as it stands. One that another tool
    has added as a copy of one of the study's own, with its seed, is that tool's.

    Parameters
    ----------
    trials
        All trials, by number.
    """
    found = SortedTrials([], [])
    runs = set[tuple[int | None, int | None]]()
    for trial in trials:
        record = record_of(trial)
        run = record.confirms, record.attributes.get("seed")
        is_ours = record.is_of_coordinator and (run not in runs or run[1] is None)
        runs.add(run)
        if not is_ours:
            found.foreign.append(ForeignTrial(trial, _deed(trial)))
        elif trial.state is TrialState.RUNNING or record.has_result(trial.state):
            found.own.append(trial)
        else:
            found.own.append(_running(trial))
            found.foreign.append(ForeignTrial(trial, Deed.ENDED))
    return found


def own_trials(trials: Iterable[FrozenTrial]) -> Sequence[FrozenTrial]:
    """Return a study's own trials, as `sort_trials` tells them."""
    return sort_trials(trials).own


def _deed(trial: FrozenTrial) -> Deed:
    if record_of(trial).taken_as is not None:
        return Deed.TAKEN
    return Deed.QUEUED if trial.state is TrialState.WAITING else Deed.MADE


def _running(trial: FrozenTrial) -> FrozenTrial:
    """Return a trial as it was before it was ended."""
    running = copy(trial)
    running.state, running.values, running.datetime_complete = TrialState.RUNNING, None, None
    running.intermediate_values = {}
    return running


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
    """Let no tool run a queued trial, which becomes a point of the study's list; return whether it did.

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
