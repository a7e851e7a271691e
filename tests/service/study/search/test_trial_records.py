"""What is kept of a trial says all that a resume, a report and Optuna's own tools read."""

import json

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial

from service.study.search.trial_lifecycle import State
from service.study.search.trial_records import (
    dev_figures_of,
    lifecycle_state,
    lost_result,
    ranked,
    result_of,
    stored_result,
)
from service.study.storage.kept_trials import FIGURES, TrialResult
from workers.messages import Ending, EpochMetrics, FoldEnded, TrialEnded, TrialLost
from workers.metrics.metric import Metric

DETAILS = ("gradient_norm", "activation_spreads", "gradient_spreads")
"""What a network shows of an epoch besides."""

CURVE = tuple(
    EpochMetrics(
        train_loss=train_loss,
        train_cost=train_loss + 0.01,
        dev_loss=dev_loss,
        dev_metric=dev_metric,
        dev_watched=dev_watched,
        details={
            "gradient_norm": gradient_norm,
            "activation_spreads": (0.5, 0.25),
            "gradient_spreads": (1e-3, 1e-12),
        },
    )
    for train_loss, dev_loss, dev_metric, dev_watched, gradient_norm in (
        (0.9, 0.8, 0.4, 0.75, 2.5),
        (0.7, 0.6, 0.2, 0.85, 1.5),
        (0.6, 0.7, 0.3, 0.8, 0.5),
    )
)
SHOWN = {"zero_share": 0.25}
DEV_METRICS = {"error": 0.2, "macro_f1": 0.85}
ENDED = {
    Ending.COMPLETE: TrialEnded(1, "w", Ending.COMPLETE, (FoldEnded(CURVE, 2, DEV_METRICS, SHOWN),), 3, 0.5),
    Ending.PRUNED: TrialEnded(1, "w", Ending.PRUNED, (FoldEnded(CURVE, 2, is_whole=False),), 3, 0.5),
    Ending.FAILED: TrialEnded(
        1,
        "w",
        Ending.FAILED,
        (FoldEnded(CURVE[:1], 1, is_whole=False),),
        2,
        0.5,
        reason="diverged in epoch 2",
    ),
}


def kept(result: TrialResult) -> FrozenTrial:
    """Make the trial that comes back from storage, its attributes through JSON."""
    trial = create_trial(
        state=result.state,
        value=result.value,
        intermediate_values=dict(enumerate(result.intermediate_values, start=1)),
        user_attrs=json.loads(json.dumps(dict(result.attributes))),
    )
    trial.number = result.number
    return trial


def test_a_complete_trial_is_worth_its_best_epoch_and_a_pruned_one_its_last() -> None:
    complete = result_of(ENDED[Ending.COMPLETE], virtual_end=9.0, runs=2)
    pruned = result_of(ENDED[Ending.PRUNED], virtual_end=9.0, runs=1)

    assert (complete.state, complete.value) == (TrialState.COMPLETE, 0.2)
    assert (pruned.state, pruned.value) == (TrialState.PRUNED, 0.3)
    assert complete.intermediate_values == [0.75, 0.85, 0.8]  # the watched metric's
    assert (complete.attributes["dev_metrics"], complete.attributes["model_figures"]) == (
        DEV_METRICS,
        SHOWN,
    )
    assert (complete.attributes["runs"], complete.attributes["virtual_end"]) == (2, 9.0)
    assert "failure_reason" not in complete.attributes


def test_a_failed_trial_keeps_its_reason_and_has_no_value() -> None:
    result = result_of(ENDED[Ending.FAILED], virtual_end=2.0, runs=1)

    assert (result.state, result.value) == (TrialState.FAIL, None)
    assert result.attributes["failure_reason"] == "diverged in epoch 2"


@pytest.mark.parametrize("n_folds", [1, 3])
def test_a_trial_that_was_ended_from_outside_has_no_curve_and_keeps_its_reason(n_folds: int) -> None:
    ended = TrialEnded(
        1, "w", Ending.FAILED, (), 7, 9.5, n_folds=n_folds, reason="ran for more than 2 seconds"
    )

    trial = kept(result_of(ended, virtual_end=2.0, runs=1))

    assert (trial.state, trial.value, trial.intermediate_values) == (TrialState.FAIL, None, {})
    assert not any(trial.user_attrs["learning_curve"].values())
    assert (trial.user_attrs["epochs"], trial.user_attrs["best_epoch"]) == (7, 0)
    assert trial.user_attrs["failure_reason"] == "ran for more than 2 seconds"


def test_a_trial_whose_workers_died_tells_how_often_and_of_what() -> None:
    result = lost_result(TrialLost(4, "w", "it was killed"), virtual_end=7.0, runs=3)

    assert (result.number, result.state, result.value) == (4, TrialState.FAIL, None)
    assert result.attributes["failure_reason"] == "given up after 3 runs: it was killed"
    assert result.attributes["virtual_end"] == 7.0


def test_the_learning_curve_has_a_column_for_each_thing_that_an_epoch_shows() -> None:
    curve = kept(result_of(ENDED[Ending.COMPLETE], virtual_end=1.0, runs=1)).user_attrs["learning_curve"]

    assert set(curve) == {*FIGURES, *DETAILS}
    assert curve["dev_metric"] == [0.4, 0.2, 0.3]
    assert curve["gradient_norm"] == [2.5, 1.5, 0.5]
    assert curve["gradient_spreads"] == [[1e-3, 1e-12]] * 3


def test_what_is_only_looked_at_is_kept_to_four_digits_and_what_is_ranked_to_the_bit() -> None:
    third = 1 / 3
    spreads = {"activation_spreads": (third, 2e5 / 3), "gradient_spreads": (third,)}
    epoch = EpochMetrics(third, third, third, third, third, {"gradient_norm": third, **spreads})
    ended = TrialEnded(1, "w", Ending.COMPLETE, (FoldEnded((epoch,), 1),), 1, 0.5)

    curve = result_of(ended, virtual_end=1.0, runs=1).attributes["learning_curve"]

    exact = ("train_loss", "train_cost", "dev_loss", "dev_metric", "dev_watched")
    assert all(curve[column] == [third] for column in exact)
    assert curve["gradient_norm"] == [0.3333]
    assert (curve["activation_spreads"], curve["gradient_spreads"]) == ([[0.3333, 66670.0]], [[0.3333]])


@pytest.mark.parametrize(
    ("metric", "watch", "value", "watched"),
    [
        (Metric.ERROR, Metric.LOG_LOSS, 0.2, [0.75, 0.85, 0.8]),
        (Metric.ERROR, Metric.MACRO_F1, 0.2, [-0.75, -0.85, -0.8]),
        (Metric.ROC_AUC, Metric.LOG_LOSS, -0.2, [0.75, 0.85, 0.8]),
    ],
)
def test_what_ranks_does_so_by_badness_in_either_sense(
    metric: Metric, watch: Metric, value: float, watched: list[float]
) -> None:
    result = result_of(ENDED[Ending.COMPLETE], virtual_end=1.0, runs=1)
    shown = ranked(result, metric=metric, watch=watch)
    assert (shown.value, shown.intermediate_values) == (value, watched)
    assert shown.attributes == result.attributes


def test_a_failed_trial_ranks_nowhere() -> None:
    result = result_of(ENDED[Ending.FAILED], virtual_end=1.0, runs=1)
    assert ranked(result, metric=Metric.ROC_AUC, watch=Metric.ROC_AUC).value is None


@pytest.mark.parametrize("ending", Ending)
def test_what_is_kept_comes_back(ending: Ending) -> None:
    result = result_of(ENDED[ending], virtual_end=0.1 + 0.2, runs=1)
    trial = kept(result)

    assert stored_result(trial) == result
    assert lifecycle_state(trial) is State(ending.value)
    best = CURVE[ENDED[ending].best_epoch - 1]
    assert dev_figures_of(trial) == (best.dev_metric, best.dev_loss)
