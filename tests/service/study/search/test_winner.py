"""The winner: the best dev metric, a mean over seeds where confirmed; ties by dev loss and number."""

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.errors import ProctorError
from service.study.search.confirmation_plan import Finalist, Leaders
from service.study.search.trial_records import DevFigures, lost_result, result_of
from service.study.search.winner import mean_dev_figures, winner_of
from workers.messages import Ending, EpochMetrics, FoldEnded, TrialEnded, TrialLost
from workers.metrics.metric import Metric

LOW, HIGH = Metric.ERROR, Metric.ROC_AUC


def trial(number: int, metric: float, loss: float) -> FrozenTrial:
    ended = TrialEnded(
        number,
        "here",
        Ending.COMPLETE,
        (FoldEnded((EpochMetrics(0.0, 0.0, loss, metric, metric),), best_epoch=1),),
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


def test_losses_of_numbers_which_may_be_on_other_scales_break_no_tie() -> None:
    assert winner_of([trial(0, 0.2, 0.3), trial(1, 0.2, 0.1)], Metric.RMSE).number == 0
    leaders = Leaders(2, metric=Metric.RMSE)
    for number, loss in ((1, 0.1), (0, 0.3)):
        leaders.consider(DevFigures(0.2, loss), Finalist(number, number, {}, {}))
    assert [each.number for each in leaders.best(2)] == [0, 1]


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


def run(number: int, metric: float, loss: float, *, of: int) -> FrozenTrial:
    confirmation = trial(number, metric, loss)
    confirmation.set_user_attr("confirms", of)
    return confirmation


def broken_run(number: int, *, of: int) -> FrozenTrial:
    confirmation = failed(number, "diverged")
    confirmation.set_user_attr("confirms", of)
    return confirmation


def waiting_run(number: int, *, of: int) -> FrozenTrial:
    confirmation = create_trial(state=TrialState.RUNNING, user_attrs={"confirms": of})
    confirmation.number = number
    return confirmation


LUCKY, STEADY, THIRD = trial(0, 0.10, 0.5), trial(1, 0.12, 0.5), trial(2, 0.20, 0.5)
TRIED = [LUCKY, STEADY, THIRD]
RUNS = [run(3, 0.30, 0.5, of=0), run(4, 0.20, 0.5, of=0), run(5, 0.12, 0.5, of=1), run(6, 0.15, 0.5, of=1)]


def test_of_confirmed_trials_the_best_mean_over_all_seeds_wins() -> None:
    assert winner_of([*TRIED, *RUNS], LOW) is STEADY  # 0.13 against 0.20; the third was no finalist
    assert winner_of([*TRIED, *RUNS], HIGH) is LUCKY


def test_ties_of_means_go_to_the_lower_mean_loss_and_then_the_lower_number() -> None:
    tried = [trial(0, 0.25, 0.5), trial(1, 0.5, 0.5)]
    runs = [run(2, 0.5, 0.5, of=0), run(3, 0.25, 0.4, of=1)]
    assert winner_of([*tried, *runs], LOW) is tried[1]
    runs = [run(2, 0.5, 0.5, of=0), run(3, 0.25, 0.5, of=1)]
    assert winner_of([*tried, *runs], LOW) is tried[0]


def test_a_confirmation_run_itself_never_wins() -> None:
    assert winner_of([*TRIED, run(3, 0.0, 0.0, of=2), run(4, 0.3, 0.5, of=0)], LOW).number < 3


def test_a_finalist_with_a_broken_run_is_out_unless_none_is_left() -> None:
    broken = [RUNS[0], broken_run(4, of=0)]
    good = [run(5, 0.9, 0.5, of=1), run(6, 0.9, 0.5, of=1)]
    assert winner_of([*TRIED, *broken, *good], LOW) is STEADY
    assert winner_of([*TRIED, *broken, RUNS[2], broken_run(6, of=1)], LOW) is LUCKY  # by first figures


def test_while_runs_are_missing_the_first_figures_decide() -> None:
    assert winner_of([*TRIED, *RUNS[:3], waiting_run(6, of=1)], LOW) is LUCKY
    assert winner_of([*TRIED, *RUNS[:3]], LOW) is LUCKY


def test_confirmations_alone_make_no_winner() -> None:
    with pytest.raises(ProctorError, match=r"none of 1 trials .*; trial 0 failed: given up after 3 runs: x"):
        winner_of([failed(0, "x"), run(1, 0.1, 0.1, of=0)], LOW)


def test_means_are_over_the_first_seed_and_the_complete_ones() -> None:
    figures = mean_dev_figures(LUCKY, [run(3, 0.3, 1.0, of=0), broken_run(4, of=0)])
    assert figures == pytest.approx((0.2, 0.75))
