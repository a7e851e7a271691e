"""What is kept of a trial when it is asked and when it has ended, and what the trial is there for.

Both are trials of one Optuna study. A confirmation carries the number of the trial that it repeats, and
nothing that searches, prunes, counts the budget or tells how the search went looks at it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value
from service.study.storage.trial_attributes import TrialAttributes, record_of


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
        See `TrialAttributes`.
    """

    number: int
    values: Mapping[str, Value]
    distributions: Mapping[str, BaseDistribution]
    attributes: TrialAttributes

    @property
    def place(self) -> int:
        """Its place among the trials that try a point; see `place_of`."""
        return self.attributes.get("place", self.number)


def moved(trial: AskedTrial, number: int) -> AskedTrial:
    """Return a trial with another number; one that tries a point keeps its place among those.

    Parameters
    ----------
    trial
        The trial. Its number is its place, unless an attribute says otherwise.
    number
        The number that it is to have.
    """
    attributes = trial.attributes
    if number != trial.number and "virtual_start" in attributes and "place" not in attributes:
        attributes = attributes | TrialAttributes(place=trial.number)
    return replace(trial, number=number, attributes=attributes)


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
        See `TrialAttributes`.
    """

    number: int
    state: TrialState
    value: float | None
    intermediate_values: Sequence[float]
    attributes: TrialAttributes


def searched(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that try a point, in their order: all but confirmations."""
    return [trial for trial in trials if not record_of(trial).is_confirmation]


def eligible(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that may win, in their order: those that try a point and were not set aside."""
    return [trial for trial in searched(trials) if record_of(trial).set_aside is None]


def confirmations(trials: Iterable[FrozenTrial]) -> Mapping[int, Sequence[FrozenTrial]]:
    """Return confirmations by the number of the trial that they repeat, each in the order of the trials."""
    by_number: dict[int, list[FrozenTrial]] = defaultdict(list)
    for trial in trials:
        confirmed = record_of(trial).confirms
        if confirmed is not None:
            by_number[confirmed].append(trial)
    return dict(by_number)
