"""Trials that another tool made or ended in a study of ours: known at reading and left out from there.

Optuna's `enqueue_trial`, `ask`, `tell` and `add_trial`, and the dashboard, work on any study. Such trials
have no place on the virtual clock. They keep their numbers; nothing counts, ranks, chooses or samples by
them.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from enum import StrEnum
from typing import NamedTuple

from optuna.trial import FrozenTrial, TrialState

from service.study.storage.trial_attributes import record_of

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
    running, without what that tool said of it, and among the foreign ones as it stands. One that another tool
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
