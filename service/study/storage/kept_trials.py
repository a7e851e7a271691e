"""What is kept of a trial when it is asked and when it has ended, and what the trial is there for.

Both are trials of one Optuna study. A confirmation carries the number of the trial that it repeats, and
nothing that searches, prunes, counts the budget or tells how the search went looks at it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value


@dataclass(frozen=True, slots=True)
class AskedTrial:
    """A trial as it is before it runs.

    Attributes
    ----------
    number
        Its number in the study.
    values, distributions
        The searched hyperparameters' values, and what they were drawn from.
    attributes
        User attributes: plain values that JSON can hold.
    """

    number: int
    values: Mapping[str, Value]
    distributions: Mapping[str, BaseDistribution]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What is kept of a trial that has ended.

    Attributes
    ----------
    number
        Its number in the study.
    state
        COMPLETE, PRUNED or FAIL.
    value
        The study's metric, on the dev set; None where it failed.
    intermediate_values
        The watched metric after each epoch, from epoch 1.
    attributes
        User attributes: plain values that JSON can hold.
    """

    number: int
    state: TrialState
    value: float | None
    intermediate_values: Sequence[float]
    attributes: Mapping[str, Any]


CONFIRMS = "confirms"
"""Attribute of a confirmation: the number of the trial whose hyperparameters it repeats."""


def searched(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that try a point, in their order: all but confirmations."""
    return [trial for trial in trials if CONFIRMS not in trial.user_attrs]


def confirmations(trials: Iterable[FrozenTrial]) -> Mapping[int, Sequence[FrozenTrial]]:
    """Return confirmations by the number of the trial that they repeat, each in the order of the trials."""
    by_number: dict[int, list[FrozenTrial]] = defaultdict(list)
    for trial in trials:
        if CONFIRMS in trial.user_attrs:
            by_number[trial.user_attrs[CONFIRMS]].append(trial)
    return dict(by_number)
