"""The note in optuna-dashboard: read by its own function, without test figures, and never over a person's."""

from pathlib import Path

import optuna
import pytest
from optuna_dashboard import get_note, save_note

from service.report.page.dashboard_note import dashboard_note
from service.report.wording.numbers import metric_text
from service.study.storage.dashboard_note import write_dashboard_note
from tests.service.iris_study import IrisStudy, new_store


def test_it_tells_the_dev_figure_and_no_test_figure(studies: dict[str, IrisStudy]) -> None:
    report = studies["opened"].report
    note = dashboard_note(report)

    assert report.test is not None
    assert report.winner is not None
    assert f"**Winner: trial {report.winner.trial}**" in note
    assert metric_text(report.metric, report.winner.dev_metric).replace("_", r"\_") in note
    strange = report.test.model_copy(
        update={"models": {"winner": {"error": 0.123456}}, "interval": (0.1, 0.2), "n_examples": 98_765}
    )
    assert dashboard_note(report.model_copy(update={"test": strange})) == note
    assert dashboard_note(report.model_copy(update={"test": None, "looks": ()})) == note


@pytest.mark.parametrize("name", ["sealed", "folds", "regression", "searched"])
def test_every_study_has_one(studies: dict[str, IrisStudy], name: str) -> None:
    assert f"proctor report {name}" in dashboard_note(studies[name].report)


def test_optuna_dashboard_reads_it_and_a_persons_is_left_alone(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.create("study", {})
    study = optuna.load_study(study_name="study", storage=store.optuna_storage)
    long = "line of the first note\n" * 200

    assert write_dashboard_note(store.optuna_storage, "study", long)
    assert get_note(study) == long
    assert write_dashboard_note(store.optuna_storage, "study", "short")
    assert get_note(study) == "short"
    save_note(study, "mine")
    assert not write_dashboard_note(store.optuna_storage, "study", "another")
    assert get_note(study) == "mine"
    store.close()
