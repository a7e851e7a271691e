"""The winner: the lowest dev metric, ties by dev loss and number; and what is kept of each trial."""

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.errors import ProctorError
from service.search.trial_lifecycle import State
from service.search.trial_records import best_epoch_of, lifecycle_state, lost_result, result_of, stored_result
from service.search.winner import winner_of
from workers.messages import Ending, EpochMetrics, TrialEnded, TrialLost

CURVE = (EpochMetrics(0.9, 0.5, 0.8, 0.4), EpochMetrics(0.7, 0.3, 0.6, 0.2), EpochMetrics(0.6, 0.2, 0.7, 0.3))


def trial(number: int, metric: float, loss: float) -> FrozenTrial:
    ended = TrialEnded(
        number, "here", Ending.COMPLETE, (EpochMetrics(0.0, 0.0, loss, metric),), 1, 1, seconds=0.1
    )
    result = result_of(ended, virtual_end=1.0, runs=1)
    frozen = create_trial(state=result.state, value=result.value, user_attrs=dict(result.attributes))
    frozen.number = number
    return frozen


def failed(number: int, reason: str) -> FrozenTrial:
    result = lost_result(TrialLost(number, "here", reason), virtual_end=1.0, runs=3)
    return create_trial(state=result.state, user_attrs=dict(result.attributes))


def test_the_lowest_metric_wins_then_the_lower_loss_then_the_lower_number() -> None:
    assert winner_of([trial(0, 0.3, 0.1), trial(1, 0.2, 0.9)]).number == 1
    assert winner_of([trial(0, 0.2, 0.3), trial(1, 0.2, 0.1)]).number == 1
    assert winner_of([trial(2, 0.2, 0.1), trial(1, 0.2, 0.1)]).number == 1


def test_without_a_complete_trial_there_is_no_winner_and_a_reason() -> None:
    with pytest.raises(ProctorError, match=r"none of 1 trials .*; trial 0 failed: given up after 3 runs: x"):
        winner_of([failed(0, "x")])
    with pytest.raises(ProctorError, match=r"none of 0 trials is complete$"):
        winner_of([])


def test_a_complete_trial_is_worth_its_best_epoch_and_a_pruned_one_its_last() -> None:
    complete = result_of(TrialEnded(1, "w", Ending.COMPLETE, CURVE, 3, 2, 0.5), virtual_end=9.0, runs=2)
    pruned = result_of(TrialEnded(1, "w", Ending.PRUNED, CURVE, 3, 2, 0.5), virtual_end=9.0, runs=1)

    assert (complete.state, complete.value) == (TrialState.COMPLETE, 0.2)
    assert (pruned.state, pruned.value) == (TrialState.PRUNED, 0.3)
    assert complete.intermediate_values == [0.4, 0.2, 0.3]
    assert complete.attributes["learning_curve"]["train_loss"] == [0.9, 0.7, 0.6]
    assert (complete.attributes["runs"], complete.attributes["virtual_end"]) == (2, 9.0)
    assert "failure_reason" not in complete.attributes


def test_a_failed_trial_keeps_its_reason_and_has_no_value() -> None:
    ended = TrialEnded(1, "w", Ending.FAILED, CURVE[:1], 2, 1, 0.5, reason="diverged in epoch 2")
    result = result_of(ended, virtual_end=2.0, runs=1)

    assert (result.state, result.value) == (TrialState.FAIL, None)
    assert result.attributes["failure_reason"] == "diverged in epoch 2"


def test_what_is_stored_comes_back() -> None:
    stored = trial(0, 0.25, 0.5)
    assert best_epoch_of(stored) == EpochMetrics(0.0, 0.0, 0.5, 0.25)
    assert lifecycle_state(stored) is State.COMPLETE
    assert stored_result(stored).value == 0.25
