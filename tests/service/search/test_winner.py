"""The winner: the lowest dev metric, ties by dev loss and number; without one, a reason."""

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.errors import ProctorError
from service.search.trial_records import lost_result, result_of
from service.search.winner import winner_of
from workers.messages import Ending, EpochMetrics, FoldEnded, TrialEnded, TrialLost
from workers.metrics import Metric

LOW, HIGH = Metric.ERROR, Metric.ROC_AUC


def trial(number: int, metric: float, loss: float) -> FrozenTrial:
    ended = TrialEnded(
        number,
        "here",
        Ending.COMPLETE,
        (FoldEnded((EpochMetrics(0.0, 0.0, loss, metric, metric, 0.0, (), ()),), best_epoch=1),),
        1,
        seconds=0.1,
    )
    result = result_of(ended, virtual_end=1.0, runs=1)
    frozen = create_trial(state=result.state, value=result.value, user_attrs=dict(result.attributes))
    frozen.number = number
    return frozen


def failed(number: int, reason: str) -> FrozenTrial:
    result = lost_result(TrialLost(number, "here", reason), virtual_end=1.0, runs=3)
    frozen = create_trial(state=result.state, user_attrs=dict(result.attributes))
    frozen.number = number
    return frozen


def test_the_lowest_metric_wins_then_the_lower_loss_then_the_lower_number() -> None:
    assert winner_of([trial(0, 0.3, 0.1), trial(1, 0.2, 0.9)], LOW).number == 1
    assert winner_of([trial(0, 0.2, 0.3), trial(1, 0.2, 0.1)], LOW).number == 1
    assert winner_of([trial(2, 0.2, 0.1), trial(1, 0.2, 0.1)], LOW).number == 1


def test_the_highest_metric_wins_where_higher_is_better_and_ties_go_as_before() -> None:
    assert winner_of([trial(0, 0.3, 0.1), trial(1, 0.2, 0.9)], HIGH).number == 0
    assert winner_of([trial(0, 0.2, 0.3), trial(1, 0.2, 0.1)], HIGH).number == 1
    assert winner_of([trial(2, 0.2, 0.1), trial(1, 0.2, 0.1)], HIGH).number == 1


def test_without_a_complete_trial_there_is_no_winner_and_a_reason() -> None:
    with pytest.raises(ProctorError, match=r"none of 1 trials .*; trial 0 failed: given up after 3 runs: x"):
        winner_of([failed(0, "x")], LOW)
    with pytest.raises(ProctorError, match=r"none of 0 trials is complete$"):
        winner_of([], LOW)


def test_the_reason_is_told_of_the_trial_that_it_is_of() -> None:
    pruned = create_trial(state=TrialState.PRUNED, value=0.3)
    with pytest.raises(ProctorError, match=r"none of 3 trials .*; trial 1 failed: given up after 3 runs: y"):
        winner_of([pruned, failed(1, "y"), failed(2, "z")], LOW)


def test_trials_that_others_failed_need_no_reason() -> None:
    somebody_elses = create_trial(state=TrialState.FAIL)
    somebody_elses.number = 0
    with pytest.raises(ProctorError, match=r"none of 1 trials is complete; trial 0 failed$"):
        winner_of([somebody_elses], LOW)
