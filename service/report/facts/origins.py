"""Where a study's points came from: its sampler, the space's defaults, its user, or an earlier study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial

from service.study.storage.trial_roles import searched

SAMPLER = "sampler"
DEFAULT = "default"
USER = "user"


def origin_of(trial: FrozenTrial, enqueued: Sequence[Mapping[str, Any]]) -> str:
    """Return where a trial's point came from: `sampler`, `default`, `user`, or `study NAME`.

    Parameters
    ----------
    trial
        A trial that tried a point.
    enqueued
        The study's list of enqueued points, each with its `origin`: `user`, or an earlier study's name.
    """
    place = trial.user_attrs.get("enqueued")
    if place is not None:
        origin = str(enqueued[place]["origin"])
        return USER if origin == USER else f"study {origin}"
    return DEFAULT if trial.number == 0 else SAMPLER


def origins_of(trials: Sequence[FrozenTrial], enqueued: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count the trials that tried a point by where it came from.

    Parameters
    ----------
    trials
        A study's trials; confirmations try no point.
    enqueued
        As for `origin_of`.
    """
    return dict(Counter(origin_of(trial, enqueued) for trial in searched(trials)))
