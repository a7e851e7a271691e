"""What is kept of several folds: means to rank by, their standard error, and what each fold gave."""

import json
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState, create_trial
from scipy.stats import sem

from service.study.search.trial_records import (
    dev_figures_of,
    result_of,
    running_means,
    standard_error_of_mean,
)
from service.study.storage.kept_trials import TrialRecord, TrialResult, record_of
from workers.messages import Ending, EpochMetrics, FoldEnded, TrialEnded


def fold(watched: list[float], best: int, *, is_whole: bool = True) -> FoldEnded:
    """Make a fold whose metric is the watched one plus 1, and its loss the watched one plus 2."""
    curve = tuple(EpochMetrics(0.0, 0.0, value + 2, value + 1, value) for value in watched)
    metrics = {"error": watched[best - 1] + 1} if watched else {}
    return FoldEnded(curve, best, metrics, model_figures={"zero_share": best / 8}, is_whole=is_whole)


FIRST, SECOND, THIRD = fold([0.5, 0.25, 0.375], 2), fold([0.75], 1), fold([0.5, 0.625, 0.125, 0.25], 3)


def ended(ending: Ending, *folds: FoldEnded, reason: str = "") -> TrialEnded:
    epochs = sum(len(fold.curve) for fold in folds) + bool(reason)
    return TrialEnded(1, "w", ending, folds, epochs, 0.5, n_folds=3, reason=reason)


COMPLETE = ended(Ending.COMPLETE, FIRST, SECOND, THIRD)


def kept(end: TrialEnded) -> TrialResult:
    return result_of(end, virtual_end=9.0, runs=1)


def stored(result: TrialResult) -> FrozenTrial:
    """Make the trial that comes back from storage, its attributes through JSON."""
    return create_trial(
        state=result.state,
        value=result.value,
        intermediate_values=dict(enumerate(result.intermediate_values, start=1)),
        user_attrs=json.loads(json.dumps(dict(result.attributes))),
    )


def test_a_complete_trial_is_worth_its_folds_mean_with_their_standard_error_beside_it() -> None:
    result = kept(COMPLETE)
    of_folds = [1.25, 1.75, 1.125]

    assert result.value == fmean(of_folds)
    assert result.attributes["fold_metrics"] == of_folds
    assert result.attributes["standard_error"] == pytest.approx(np.std(of_folds, ddof=1) / np.sqrt(3))
    assert result.attributes["best_epochs"] == [2, 1, 3]
    assert result.attributes["best_epoch"] == 2
    assert result.attributes["dev_metrics"] == {"error": fmean(of_folds)}
    assert result.attributes["model_figures"] == {"zero_share": 0.25}
    assert result.attributes["epochs"] == 8
    assert result.attributes["learning_curve"]["folds"] == [1, 1, 1, 2, 3, 3, 3, 3]
    assert dev_figures_of(stored(result)) == (fmean(of_folds), fmean([2.25, 2.75, 2.125]))


def test_intermediate_values_are_means_with_what_the_folds_before_reached() -> None:
    expected = [0.5, 0.25, 0.375]
    expected += [(0.25 + 0.75) / 2]
    expected += [(0.25 + 0.75 + watched) / 3 for watched in (0.5, 0.625, 0.125, 0.25)]
    assert running_means(COMPLETE) == expected == kept(COMPLETE).intermediate_values


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_standard_error_is_that_of_a_mean(metrics: list[float]) -> None:
    assert standard_error_of_mean(metrics) == pytest.approx(float(sem(metrics)), rel=1e-9, abs=1e-12)


def test_a_trial_that_is_pruned_between_folds_is_worth_the_mean_of_those_it_ended() -> None:
    result = kept(ended(Ending.PRUNED, FIRST, SECOND))
    assert (result.state, result.value) == (TrialState.PRUNED, 1.5)
    assert (result.attributes["best_epochs"], result.attributes["best_epoch"]) == ([2, 1], 1)
    assert record_of(stored(result)).fold_ends == (3, 4)
    assert dev_figures_of(stored(result)) == (1.5, 2.5)


def test_after_one_whole_fold_there_is_no_standard_error() -> None:
    result = kept(ended(Ending.PRUNED, FIRST))
    assert result.attributes["fold_metrics"] == [1.25]
    assert "standard_error" not in result.attributes
    assert TrialRecord(result.attributes).fold_ends == (3,)


def test_a_trial_that_is_pruned_in_its_first_fold_has_no_whole_one() -> None:
    result = kept(ended(Ending.PRUNED, fold([0.5, 0.25, 0.375], 2, is_whole=False)))
    assert (result.value, result.attributes["best_epoch"]) == (1.375, 2)  # the last epoch's, as without folds
    assert (result.attributes["fold_metrics"], result.attributes["best_epochs"]) == ([], [])
    assert TrialRecord(result.attributes).fold_ends == ()
    assert dev_figures_of(stored(result)) == (1.25, 2.25)


def test_of_a_trial_that_broke_off_in_a_later_fold_the_whole_ones_are_judged() -> None:
    broken = fold([0.0, 0.0], 1, is_whole=False)
    result = kept(ended(Ending.FAILED, FIRST, broken, reason="fold 2 of 3: diverged in epoch 3"))
    assert (result.state, result.value) == (TrialState.FAIL, None)
    assert result.attributes["dev_metrics"] == {"error": 1.25}
    assert result.attributes["learning_curve"]["folds"] == [1, 1, 1, 2, 2]
    assert record_of(stored(result)).fold_ends == (3,)


def test_a_trial_with_one_dev_set_keeps_nothing_more() -> None:
    alone = TrialEnded(1, "w", Ending.COMPLETE, (FIRST,), 3, 0.5)
    result = kept(alone)
    assert not {"best_epochs", "fold_metrics", "standard_error"} & result.attributes.keys()
    assert "folds" not in result.attributes["learning_curve"]
    assert (result.value, result.intermediate_values) == (1.25, [0.5, 0.25, 0.375])
    assert TrialRecord(result.attributes).fold_ends == ()
