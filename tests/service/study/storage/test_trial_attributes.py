"""A trial's attributes have one place that names them, and the page on storage lists the same."""

import re
from typing import get_type_hints

import pytest
from optuna.trial import TrialState, create_trial

from service.study.storage.kept_trials import TrialAttributes, TrialRecord, record_of
from tests.house.checkout import ROOT

NAMES = set(get_type_hints(TrialAttributes))
ALL = TrialAttributes(
    seed=7,
    virtual_start=1.5,
    confirms=0,
    enqueued=0,
    place=3,
    learning_curve={"dev_loss": [0.5, 0.25, 0.125], "folds": [1, 1, 2]},
    best_epoch=1,
    best_epochs=[2, 1],
    fold_metrics=[0.25, 0.5],
    standard_error=0.125,
    dev_loss=0.75,
    dev_metrics={"error": 0.375},
    model_figures={"zero_share": 0.0625},
    epochs=3,
    seconds=2.5,
    worker="here",
    runs=2,
    virtual_end=4.5,
    failure_reason="diverged",
    taken_as=2,
    set_aside="a wrong file",
)
LOST = TrialAttributes(worker="here", runs=3, virtual_end=4.5, failure_reason="given up")


def test_each_attribute_is_read_under_its_own_name() -> None:
    assert set(ALL) == NAMES
    record = record_of(create_trial(state=TrialState.FAIL, user_attrs=dict(ALL)))
    assert {name: getattr(record, name) for name in NAMES} == ALL


def test_what_is_missing_is_none_or_what_nothing_amounts_to() -> None:
    nothing = TrialRecord({})
    missing = {
        name: getattr(nothing, name) for name in NAMES - {"seed", "virtual_start", "virtual_end", "dev_loss"}
    }
    assert missing == {
        "confirms": None,
        "enqueued": None,
        "place": None,
        "taken_as": None,
        "set_aside": None,
        "learning_curve": {},
        "best_epoch": 0,
        "best_epochs": (),
        "fold_metrics": (),
        "standard_error": None,
        "dev_metrics": {},
        "model_figures": {},
        "epochs": 0,
        "seconds": None,
        "worker": None,
        "runs": None,
        "failure_reason": "",
    }


@pytest.mark.parametrize("name", ["seed", "virtual_start", "virtual_end", "dev_loss"])
def test_what_nobody_may_guess_is_refused_where_it_is_missing(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        getattr(TrialRecord({}), name)


def test_whole_folds_end_where_their_last_epochs_are() -> None:
    assert TrialRecord(ALL).fold_ends == (2, 3)
    one_dev_set = TrialAttributes(learning_curve={"dev_loss": [0.5]})
    assert (TrialRecord(one_dev_set).fold_ends, TrialRecord(one_dev_set).has_folds) == ((), False)
    no_whole_fold = TrialAttributes(learning_curve={"folds": [1]}, fold_metrics=[], best_epochs=[])
    assert (TrialRecord(no_whole_fold).fold_ends, TrialRecord(no_whole_fold).has_folds) == ((), True)


def test_a_trial_is_the_coordinators_by_its_place_on_the_clock() -> None:
    assert TrialRecord({"seed": 1, "virtual_start": 0.0}).is_of_coordinator
    assert TrialRecord({"seed": 1, "confirms": 0}).is_of_coordinator
    assert not TrialRecord({"seed": 1}).is_of_coordinator


@pytest.mark.parametrize("missing", ["virtual_end", "learning_curve", "best_epoch"])
def test_a_result_without_one_of_its_parts_is_none(missing: str) -> None:
    result = TrialAttributes(virtual_end=1.0, learning_curve={}, best_epoch=1)
    assert TrialRecord(result).has_result(TrialState.COMPLETE)
    of_others = {name: value for name, value in result.items() if name != missing}
    record = record_of(create_trial(state=TrialState.COMPLETE, value=0.5, user_attrs=of_others))
    assert not record.has_result(TrialState.COMPLETE)


def test_a_lost_trial_has_a_result_and_a_confirmation_needs_no_virtual_end() -> None:
    assert TrialRecord(LOST).has_result(TrialState.FAIL)
    assert not TrialRecord({"virtual_end": 4.5}).has_result(TrialState.FAIL)
    assert TrialRecord({"confirms": 0, "failure_reason": "lost"}).has_result(TrialState.FAIL)


def test_the_page_on_storage_lists_the_attributes() -> None:
    page = (ROOT / "docs" / "contributing" / "storage.md").read_text("utf-8")
    section = page.partition("## A trial's attributes")[2].partition("\n## ")[0]
    listed = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert {name for cell in listed for name in re.findall(r"`(\w+)`", cell)} == NAMES


def test_nothing_else_of_the_service_reads_optunas_attributes() -> None:
    readers = {
        path.name
        for path in (ROOT / "service").rglob("*.py")
        if re.search(r"\.user_attrs\b", path.read_text("utf-8"))
    }
    assert readers == {"kept_trials.py", "trial_rows.py"}
