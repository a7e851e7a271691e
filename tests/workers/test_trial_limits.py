"""A trial's limits: what they are, and that each trial which takes more has failed, with the reason."""

import sys
from collections.abc import Iterator

import pytest

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import few_folds, few_numbers, rules
from workers.messages import Ending, TrialEnded, TrialLimits, TrialRequest
from workers.pools.memory_limit import memory_limit
from workers.train_dev_data import Task
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="no other system keeps such a limit")

ONE, FOLDS = TrialData.single(few_numbers()), few_folds(3)


def request(limits: TrialLimits, *, refit_epochs: int | None = None, width: int = 8) -> TrialRequest:
    return TrialRequest(
        number=3,
        hyperparameters=NetworkPoint(width=width, depth=2),
        seed=1,
        rules=rules(Task.REGRESSION, max_epochs=6),
        refit_epochs=refit_epochs,
        limits=limits,
    )


def end_of(events: Iterator[object]) -> TrialEnded:
    *_, end = events
    assert isinstance(end, TrialEnded)
    return end


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"seconds": 0.0}, "in seconds needs to be above 0, got 0.0"),
        ({"seconds": float("nan")}, "in seconds needs to be above 0, got nan"),
        ({"memory_bytes": 9_999_999}, "in bytes needs at least 10000000, got 9999999"),
    ],
)
def test_a_limit_that_leaves_nothing_is_refused(limits: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrialLimits(**limits)  # type: ignore[arg-type]  # fields by name


def test_reasons_name_the_limit_in_the_units_that_people_gave() -> None:
    limits = TrialLimits(seconds=90.0, memory_bytes=250_000_000)
    assert limits.out_of_time == "ran for more than 90 seconds"
    assert limits.out_of_memory == "needed more than 250 MB"


@pytest.mark.parametrize("data", [ONE, FOLDS], ids=["one dev set", "folds"])
def test_a_trial_out_of_time_fails_after_its_epoch_and_keeps_its_curve(data: TrialData) -> None:
    end = end_of(run_trial(data, request(TrialLimits(seconds=1e-9)), worker="w"))

    assert (end.ending, end.epochs, len(end.curve), end.best_epoch) == (Ending.FAILED, 1, 1, 1)
    assert end.reason.endswith("ran for more than 1e-09 seconds")


def test_a_trial_that_comes_to_its_end_has_not_failed_whatever_its_limit() -> None:
    short = TrialRequest(
        0,
        NetworkPoint(width=8),
        1,
        rules(Task.REGRESSION, max_epochs=1),
        limits=TrialLimits(seconds=1e-9),
    )
    assert end_of(run_trial(ONE, short, worker="w")).ending is Ending.COMPLETE


def test_a_refit_out_of_time_fails_too() -> None:
    end = end_of(run_trial(ONE, request(TrialLimits(seconds=1e-9), refit_epochs=4), worker="w"))
    assert (end.ending, end.epochs, end.state) == (Ending.FAILED, 1, None)


def test_limits_that_are_not_met_change_nothing() -> None:
    ends = [
        end_of(run_trial(FOLDS, request(limits), worker="w"))
        for limits in (TrialLimits(), TrialLimits(seconds=1e6, memory_bytes=10**12))
    ]
    assert ends[0].folds == ends[1].folds


@ON_LINUX
def test_memory_that_is_refused_fails_the_trial_and_not_the_worker() -> None:
    limits = TrialLimits(memory_bytes=50_000_000)
    with memory_limit(limits.memory_bytes):
        large, small = (
            end_of(run_trial(ONE, request(limits, width=width), worker="w")) for width in (8192, 8)
        )

    assert (large.ending, large.epochs, large.folds) == (Ending.FAILED, 1, ())
    assert large.reason == "needed more than 50 MB"
    assert (large.best_epoch, large.model_figures, large.dev_metrics, large.curve) == (0, {}, {}, ())
    assert small.ending is Ending.COMPLETE
