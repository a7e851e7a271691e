"""Where points came from, why a search ended, and what failures have in common, from what is stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from optuna.trial import FrozenTrial, TrialState, create_trial
from pydantic import ValidationError

from service.report.facts.search_facts import ending_of, failures, failures_in_common, origin_of, origins_of
from service.study.search.search_budget import EndingReason, SearchEnding
from tests.service.iris_study import IrisStudy, new_store, search_iris

ENQUEUED = (
    {"values": {"depth": 1}, "origin": "user"},
    {"values": {"depth": 2}, "origin": "digits"},
)


def trials(*attributes: dict[str, int]) -> list[FrozenTrial]:
    found = [create_trial(state=TrialState.COMPLETE, value=0.1, user_attrs=each) for each in attributes]
    for number, trial in enumerate(found):
        trial.number = number
    return found


def test_points_are_counted_by_where_they_came_from() -> None:
    tried = trials({}, {"enqueued": 0}, {"enqueued": 1}, {}, {}, {"confirms": 3})
    assert origins_of(tried, ENQUEUED) == {"default": 1, "user": 1, "study digits": 1, "sampler": 2}


def test_a_first_trial_that_was_enqueued_is_not_the_default() -> None:
    assert origin_of(trials({"enqueued": 1})[0], ENQUEUED) == "study digits"


def test_a_search_that_goes_on_has_no_ending_and_an_old_one_ended_with_its_trials() -> None:
    assert ending_of(None, n_left=1, budget=5) is None
    old = ending_of(None, n_left=0, budget=5)
    assert old == SearchEnding(reason=EndingReason.TRIALS, text="all 5 trials have ended")
    stored = {"reason": "seconds", "text": "600 seconds are over"}
    assert ending_of(stored, n_left=3, budget=5) == SearchEnding(
        reason=EndingReason.SECONDS, text="600 seconds are over"
    )


def test_a_reason_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError, match="reason"):
        ending_of({"reason": "boredom", "text": "x"}, n_left=0, budget=1)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    directory: Path = tmp_path_factory.mktemp("iris")
    too_fast = {"depth": 1, "learning_rate": {"low": 1e-3, "high": 1e30, "log": True, "default": 1e29}}
    study = search_iris(new_store(directory), trials=12, space=too_fast)
    yield study
    study.store.close()


def test_the_report_reads_all_three_from_storage(study: IrisStudy) -> None:
    report = study.report
    assert report.ending is not None
    assert report.ending.reason is EndingReason.TRIALS
    assert report.origins == {"default": 1, "sampler": 11}

    study.store.set_attribute("iris", "ending", {"reason": "no_gain", "text": "no gain in 3 trials"})
    study.store.set_attribute("iris", "enqueued", list(ENQUEUED))
    ending = study.report.ending
    assert ending is not None
    assert ending.text == "no gain in 3 trials"


def test_where_half_of_the_trials_fail_the_report_says_what_they_have_in_common(study: IrisStudy) -> None:
    report = study.report
    assert report.trials.failed >= 6
    assert "learning_rate" in (report.failures_in_common or "")
    assert "or more" in (report.failures_in_common or "")


def test_fewer_failures_than_half_are_counted_and_no_more() -> None:
    failed = create_trial(
        state=TrialState.FAIL, user_attrs={"failure_reason": "diverged in epoch 3 (learning rate 0.1)"}
    )
    tried = [*trials({}, {}), failed]
    assert failures(tried) == {"diverged": 1}
    assert failures_in_common(tried) is None
    assert (
        failures_in_common([*tried, failed])
        == "diverged; nothing in their hyperparameters tells them from others"
    )
