"""What is kept of a trial, when it is asked and when it has ended, and what the trial is there for.

Names and shapes of its attributes are read by people and other tools: a change of them is a change of format.
Trials that try a point and confirmations are trials of one Optuna study. A confirmation carries the number of
the trial that it repeats, and nothing that searches, prunes, counts the budget or tells how the search went
looks at it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, cast

from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from search_spaces.values import Value
from service.study.storage.study_format import LEARNING_CURVE, OF_COORDINATOR, SET_ASIDE

FIGURES = ("train_loss", "train_cost", "dev_loss", "dev_metric", "dev_watched")
"""Columns that every learning curve has: the figures of `workers.messages.EpochMetrics`."""

FOLDS = "folds"
"""Column of the folds' numbers, where there are several."""

Curve = Mapping[str, Sequence[Any]]
"""A learning curve by column, an entry an epoch: figures, `folds`, and what the model shows besides."""


def details_of(curve: Curve) -> list[str]:
    """Return the names of what the kind of model shows in a learning curve besides its figures."""
    return [name for name in curve if name not in (*FIGURES, FOLDS)]


class TrialAttributes(TypedDict, total=False):
    """What is written with a trial, in values that JSON can hold; `TrialRecord` says what each means."""

    seed: int
    virtual_start: float
    confirms: int
    enqueued: int
    place: int
    learning_curve: Curve
    best_epoch: int
    best_epochs: Sequence[int]
    fold_metrics: Sequence[float]
    standard_error: float
    dev_loss: float
    dev_metrics: Mapping[str, float]
    model_figures: Mapping[str, float]
    epochs: int
    seconds: float
    worker: str
    runs: int
    virtual_end: float
    failure_reason: str
    taken_as: int
    set_aside: str


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """A trial's attributes as values: a view, which costs nothing until something is read.

    Attributes
    ----------
    attributes
        The attributes, under their names in storage.
    """

    attributes: TrialAttributes

    @property
    def seed(self) -> int:
        """What its weights and its order of examples are drawn with.

        Raises
        ------
        KeyError
            Another tool asked the trial.
        """
        return self.attributes["seed"]

    @property
    def virtual_start(self) -> float:
        """When it started on the virtual clock (virtual seconds).

        Raises
        ------
        KeyError
            It is a confirmation, which has no place on the clock.
        """
        return self.attributes["virtual_start"]

    @property
    def virtual_end(self) -> float:
        """When it ended on the virtual clock (virtual seconds).

        Raises
        ------
        KeyError
            It has not ended, or is a confirmation.
        """
        return self.attributes["virtual_end"]

    @property
    def confirms(self) -> int | None:
        """The number of the trial that a confirmation repeats; None for a trial that tries a point."""
        return self.attributes.get("confirms")

    @property
    def enqueued(self) -> int | None:
        """The place of its point in the study's list of enqueued points, from 0; None where it has none."""
        return self.attributes.get("enqueued")

    @property
    def place(self) -> int | None:
        """Its place among the trials that try a point, where it is not its number; see `place_of`."""
        return self.attributes.get("place")

    @property
    def learning_curve(self) -> Curve:
        """The learning curve; empty before the end, where the trial was lost, and where it was not read.

        A curve that was not read has its `folds` all the same, where there are some.
        """
        return self.attributes.get(LEARNING_CURVE, {})

    @property
    def best_epoch(self) -> int:
        """The best epoch, from 1; over folds, their lower median; 0 where no epoch ended."""
        return self.attributes.get("best_epoch", 0)

    @property
    def best_epochs(self) -> Sequence[int]:
        """The best epoch of each whole fold, from 1; none where there is one dev set."""
        return self.attributes.get("best_epochs", ())

    @property
    def fold_metrics(self) -> Sequence[float]:
        """The study's metric at each whole fold's best epoch; none where there is one dev set."""
        return self.attributes.get("fold_metrics", ())

    @property
    def standard_error(self) -> float | None:
        """The standard error of the folds' mean; None for fewer than two whole folds."""
        return self.attributes.get("standard_error")

    @property
    def dev_loss(self) -> float:
        """The dev loss at the best epoch; over folds, their mean.

        Raises
        ------
        KeyError
            No epoch ended.
        """
        return self.attributes["dev_loss"]

    @property
    def dev_metrics(self) -> Mapping[str, float]:
        """All metrics of the task on the dev set, at the best epoch; over folds, their means."""
        return self.attributes.get("dev_metrics", {})

    @property
    def model_figures(self) -> Mapping[str, float]:
        """What the best epoch's model shows of itself, by name; over folds, means."""
        return self.attributes.get("model_figures", {})

    @property
    def epochs(self) -> int:
        """Epochs run, in all folds; 0 where it has not ended, or was lost."""
        return self.attributes.get("epochs", 0)

    @property
    def seconds(self) -> float | None:
        """The time that its last run took (seconds); None where it has not ended, or was lost."""
        return self.attributes.get("seconds")

    @property
    def worker(self) -> str | None:
        """Where it ran last; None where it has not ended."""
        return self.attributes.get("worker")

    @property
    def runs(self) -> int | None:
        """How often it was started; None where it has not ended."""
        return self.attributes.get("runs")

    @property
    def is_lost(self) -> bool:
        """Whether it failed as no worker brought it to an end: it has no figures."""
        return "failure_reason" in self.attributes and self.seconds is None

    @property
    def failure_reason(self) -> str:
        """Why it failed; empty where it did not."""
        return self.attributes.get("failure_reason", "")

    @property
    def taken_as(self) -> int | None:
        """Of a trial that another tool queued: its point's place in the study's list of enqueued points."""
        return self.attributes.get("taken_as")

    @property
    def set_aside(self) -> str | None:
        """Why a person set it aside, empty where no reason was given; None where nobody did."""
        return self.attributes.get(SET_ASIDE)

    @property
    def is_confirmation(self) -> bool:
        """Whether it repeats another trial with another seed."""
        return "confirms" in self.attributes

    @property
    def has_folds(self) -> bool:
        """Whether it ran to its end, or failed, over folds."""
        return "fold_metrics" in self.attributes

    @property
    def fold_ends(self) -> tuple[int, ...]:
        """The number of epochs run by the end of each whole fold; none where there is one dev set."""
        n_whole = len(self.fold_metrics)
        if n_whole == 0:
            return ()
        folds = self.learning_curve["folds"]
        return tuple(len(folds) - folds[::-1].index(number) for number in range(1, n_whole + 1))

    @property
    def is_of_coordinator(self) -> bool:
        """Whether a coordinator asked the trial: another tool gives it no place on the clock."""
        return any(key in self.attributes for key in OF_COORDINATOR)

    def has_result(self, state: TrialState) -> bool:
        """Return whether a coordinator ended the trial: another tool leaves no result.

        Parameters
        ----------
        state
            The state that the trial ended in.
        """
        if not self.is_confirmation and "virtual_end" not in self.attributes:
            return False
        if state is TrialState.FAIL:
            return "failure_reason" in self.attributes
        return LEARNING_CURVE in self.attributes and "best_epoch" in self.attributes


def place_of(trial: FrozenTrial) -> int:
    """Return a trial's place among those that tried a point, from 0: its number, unless others came between.

    Seeds, suggestions, brackets and the virtual clock go by it. Where another tool's trials came between, the
    trial has its place as an attribute.
    """
    place = record_of(trial).place
    return trial.number if place is None else place


def record_of(trial: FrozenTrial) -> TrialRecord:
    """Return what is kept of a trial, beside what Optuna has a place for."""
    return TrialRecord(cast("TrialAttributes", trial.user_attrs))


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
