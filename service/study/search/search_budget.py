"""Whether a search is over, and why, and what it has taken: epochs, and time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

from optuna.trial import FrozenTrial, TrialState
from pydantic import BaseModel, ConfigDict

from search_spaces.counted import counted
from service.configuration.study_config import BudgetConfig
from service.study.storage.kept_trials import TrialRecord, TrialResult, record_of, searched
from workers.metrics.metric import Metric

FIRST_TRIALS = 10
"""When so many have ended and all have failed, the search is given up."""


class EndingReason(StrEnum):
    """Why a search ended."""

    TRIALS = "trials"
    SECONDS = "seconds"
    EPOCHS = "epochs"
    DEV_METRIC = "dev_metric"
    NO_GAIN = "no_gain"
    FIRST_TRIALS_FAILED = "first_trials_failed"


class SearchEnding(BaseModel):
    """Why the search ended: as it is kept with the study, and as reports have it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reason: EndingReason
    """The limit that was reached first: the number of trials, or one of the other budgets."""

    text: str
    """The same in one line."""


class SearchBudget:
    """Follows the trials as they virtually end.

    Parameters
    ----------
    budget
        The limits beside the number of trials.
    n_trials
        That number.
    metric
        What trials are chosen by.
    """

    def __init__(self, budget: BudgetConfig, *, n_trials: int, metric: Metric) -> None:
        self._budget = budget
        self._n_trials = n_trials
        self._metric = metric
        self._n_ended = self._n_failed = self._epochs = self._n_since_gain = 0
        self._best = inf

    def learn(self, result: TrialResult) -> None:
        """Take in a trial that has virtually ended; its value is a badness."""
        self._n_ended += 1
        self._n_since_gain += 1
        self._n_failed += result.state is TrialState.FAIL
        self._epochs += TrialRecord(result.attributes).epochs
        if result.state is TrialState.COMPLETE and result.value is not None and result.value < self._best:
            self._best, self._n_since_gain = result.value, 0

    def is_spent(self, n_asked: int) -> SearchEnding | None:
        """Return whether all trials have been asked for."""
        if n_asked < self._n_trials:
            return None
        return SearchEnding(reason=EndingReason.TRIALS, text=f"all {self._n_trials} trials have run")

    def verdict(self, *, running_epochs: int, seconds: float) -> SearchEnding | None:
        """Tell whether no further trial is to begin at the instant up to which trials were learned from.

        Parameters
        ----------
        running_epochs
            Epochs that the trials still running have virtually run by then.
        seconds
            Time that coordinators have run the search, without pauses (seconds).
        """
        budget, epochs = self._budget, self._epochs + running_epochs
        if self._n_failed == self._n_ended >= FIRST_TRIALS:
            text = f"the first {self._n_ended} trials all failed"
            return SearchEnding(reason=EndingReason.FIRST_TRIALS_FAILED, text=text)
        if budget.dev_metric is not None and self._best <= self._metric.badness(budget.dev_metric):
            reached = self._metric.badness(self._best)  # a badness of a badness is the value again
            return SearchEnding(
                reason=EndingReason.DEV_METRIC,
                text=f"the dev {self._metric.value} {reached:.4g} is as good as {budget.dev_metric:g}",
            )
        if budget.no_gain_trials is not None and self._n_since_gain >= budget.no_gain_trials:
            return SearchEnding(
                reason=EndingReason.NO_GAIN,
                text=f"{counted(self._n_since_gain, 'trial')} brought no new best",
            )
        if budget.epochs is not None and epochs >= budget.epochs:
            return SearchEnding(
                reason=EndingReason.EPOCHS,
                text=f"{counted(budget.epochs, 'epoch')} {'was' if budget.epochs == 1 else 'were'} spent",
            )
        if budget.seconds is not None and seconds >= budget.seconds:
            text = f"the study had run for {budget.seconds:g} seconds"
            return SearchEnding(reason=EndingReason.SECONDS, text=text)
        return None


LONGEST_GAP_SECONDS = 10.0
"""A longer gap between two trainings (seconds) is no time of search: choosing a point takes less."""


def searched_epochs(trials: Iterable[FrozenTrial]) -> int:
    """Return the epochs of all trials that tried a point."""
    return sum(record_of(trial).epochs for trial in searched(trials))


def training_seconds(trials: Iterable[FrozenTrial]) -> float:
    """Return the time that trials took, side by side or not (seconds); one that has not ended took none."""
    return sum(record_of(trial).seconds or 0.0 for trial in trials)


def search_seconds(trials: Iterable[FrozenTrial]) -> float:
    """Return the time in which trials were trained, side by side or not, to try a point (seconds).

    Short gaps between two trainings, in which the next point is chosen, belong to the search. Long ones do
    not: nobody ran the study, or finalists were confirmed before its search was extended.
    """
    ends = (
        (trial.datetime_complete, record_of(trial).seconds)
        for trial in searched(trials)
        if trial.datetime_complete is not None
    )
    # When a trial was asked says little: what a stop cut off may be trained a day later.
    trainings = sorted(
        (end - timedelta(seconds=seconds), end) for end, seconds in ends if seconds is not None
    )
    total, until = timedelta(), datetime.min  # noqa: DTZ901 (as Optuna has it)
    for begin, end in trainings:
        is_gap_short = begin - until <= timedelta(seconds=LONGEST_GAP_SECONDS)
        total += max(end - (until if is_gap_short else begin), timedelta())
        until = max(until, end)
    return total.total_seconds()
