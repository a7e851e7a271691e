"""What is kept of a trial: once when it is asked, once when it has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.trial import TrialState

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
