"""A search ends by whichever limit is met first, and says which."""

from datetime import datetime, timedelta

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.configuration.study_config import BudgetConfig
from service.study.search.search_budget import (
    FIRST_TRIALS,
    LONGEST_GAP_SECONDS,
    EndingReason,
    SearchBudget,
    SearchEnding,
    search_seconds,
)
from service.study.storage.kept_trials import TrialResult
from workers.metrics.metric import Metric


def result(value: float | None, *, epochs: int = 10, state: TrialState = TrialState.COMPLETE) -> TrialResult:
    return TrialResult(0, state, value, [], {"epochs": epochs})


def failed() -> TrialResult:
    return result(None, epochs=1, state=TrialState.FAIL)


def reason_after(
    budget: BudgetConfig,
    results: list[TrialResult],
    *,
    metric: Metric = Metric.ERROR,
    running_epochs: int = 0,
    seconds: float = 0.0,
) -> EndingReason | None:
    followed = SearchBudget(budget, n_trials=1000, metric=metric)
    for ended in results:
        followed.learn(ended)
    verdict = followed.verdict(running_epochs=running_epochs, seconds=seconds)
    return None if verdict is None else verdict.reason


def test_without_limits_it_ends_with_its_trials() -> None:
    budget = SearchBudget(BudgetConfig(), n_trials=3, metric=Metric.ERROR)

    assert budget.is_spent(2) is None
    assert budget.is_spent(3) == SearchEnding(reason=EndingReason.TRIALS, text="all 3 trials have run")
    assert reason_after(BudgetConfig(), [result(0.5)] * 500, seconds=1e9) is None


def test_epochs_count_those_of_trials_that_run() -> None:
    budget = BudgetConfig(epochs=30)

    assert reason_after(budget, [result(0.5)] * 2, running_epochs=9) is None
    assert reason_after(budget, [result(0.5)] * 2, running_epochs=10) is EndingReason.EPOCHS
    assert reason_after(budget, [failed()] * 9 + [result(0.5, epochs=21)]) is EndingReason.EPOCHS


def test_a_dev_metric_is_reached_in_its_own_sense() -> None:
    assert reason_after(BudgetConfig(dev_metric=0.1), [result(0.11)]) is None
    assert reason_after(BudgetConfig(dev_metric=0.1), [result(0.1)]) is EndingReason.DEV_METRIC
    high = BudgetConfig(dev_metric=0.9)
    assert reason_after(high, [result(-0.89)], metric=Metric.ROC_AUC) is None  # values are badnesses
    assert reason_after(high, [result(-0.91)], metric=Metric.ROC_AUC) is EndingReason.DEV_METRIC


def test_a_pruned_trial_reaches_nothing() -> None:
    pruned = result(0.0, state=TrialState.PRUNED)

    assert reason_after(BudgetConfig(dev_metric=0.1), [pruned]) is None


def test_no_gain_is_counted_from_the_last_new_best() -> None:
    budget = BudgetConfig(no_gain_trials=3)
    equal = [result(0.5)] * 2

    assert reason_after(budget, [result(0.5), *equal]) is None
    assert reason_after(budget, [result(0.5), *equal, result(0.5)]) is EndingReason.NO_GAIN
    assert reason_after(budget, [result(0.5), *equal, result(0.4), *equal]) is None


def test_seconds_are_spent() -> None:
    assert reason_after(BudgetConfig(seconds=5), [], seconds=4.9) is None
    assert reason_after(BudgetConfig(seconds=5), [], seconds=5) is EndingReason.SECONDS


@pytest.mark.parametrize("n_before", [0, 1])
def test_a_search_whose_first_trials_all_fail_is_given_up(n_before: int) -> None:
    before = [result(0.9)] * n_before
    expected = None if n_before else EndingReason.FIRST_TRIALS_FAILED

    assert reason_after(BudgetConfig(), [*before, *[failed()] * (FIRST_TRIALS - 1)]) is None
    assert reason_after(BudgetConfig(), [*before, *[failed()] * FIRST_TRIALS]) is expected


def test_what_is_kept_of_an_ending_comes_back() -> None:
    ending = SearchEnding(reason=EndingReason.NO_GAIN, text="3 trials brought no new best")

    assert SearchEnding.model_validate(ending.model_dump(mode="json")) == ending


NOON = datetime(2026, 5, 1, 12)  # noqa: DTZ001 (as Optuna has it)
A_DAY = 24 * 60 * 60.0


def trained(
    begin: float, end: float, *, asked: float | None = None, confirms: int | None = None
) -> FrozenTrial:
    """Return a trial that was trained from one second after noon to another."""
    of_confirmation = {} if confirms is None else {"confirms": confirms}
    trial = create_trial(value=0.5, user_attrs={"seconds": end - begin, **of_confirmation})
    trial.datetime_start = NOON + timedelta(seconds=begin if asked is None else asked)
    trial.datetime_complete = NOON + timedelta(seconds=end)
    return trial


@pytest.mark.parametrize(
    ("trials", "seconds"),
    [
        ([], 0.0),
        ([trained(0, 3)], 3.0),
        ([trained(0, 3), trained(1, 2), trained(2, 5)], 5.0),  # side by side
        ([trained(0, 3), trained(3 + LONGEST_GAP_SECONDS, 20)], 20.0),  # a slow sampler
        ([trained(0, 3), trained(A_DAY, A_DAY + 4)], 7.0),  # resumed the next day
        ([trained(0, 3), trained(A_DAY, A_DAY + 4, asked=1)], 7.0),  # cut off, and trained the next day
        (
            [trained(0, 3), trained(3, 50, confirms=0), trained(50, 52)],
            5.0,
        ),  # extended after its confirmation
        ([trained(5, 7), trained(0, 6)], 7.0),  # by number, not by time
    ],
)
def test_the_time_of_search_is_the_time_that_was_run(trials: list[FrozenTrial], seconds: float) -> None:
    assert search_seconds(trials) == pytest.approx(seconds)
