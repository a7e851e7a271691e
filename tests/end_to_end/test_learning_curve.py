"""`proctor learning-curve`: what more data would bring, through the command; the study is kept as it was."""

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from service.cli import run_command
from service.configuration.data_config import SplitConfig
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import database, proctor, start_proctor
from tests.service.iris_study import new_store, search_iris


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a database of studies that have ended, one of them with folds; all sealed."""
    directory = tmp_path_factory.mktemp("ended")
    store = new_store(directory)
    search_iris(store, table="digits", name="digits", trials=3)
    search_iris(store, name="folded", trials=2, split=SplitConfig(folds=3))
    search_iris(store, name="iris", trials=2)
    store.close()
    return directory


@pytest.fixture
def place(ended: Path, tmp_path: Path) -> Path:
    shutil.copytree(ended, tmp_path, dirs_exist_ok=True)
    return tmp_path


def attribute(directory: Path, study: str = "digits") -> Any:  # noqa: ANN401 (JSON)
    """Return what is kept of a study's learning curve."""
    store = StudyStore(database(directory), create=False)
    kept = store.attributes(study).get("learning_curve")
    assert not store.ledger().looks(store.identity(study))
    store.close()
    return kept


def test_a_curve_is_measured_kept_and_shown_and_the_same_on_any_number_of_workers(
    place: Path, cluster: str
) -> None:
    told = proctor("learning-curve", "digits", "--workers", "2", cwd=place, PROCTOR_ADDRESS=cluster)
    assert told.returncode == 0, told.stderr
    assert "12 of 12" in told.stdout
    assert "Learning curve: trial" in told.stdout
    assert "With twice the train examples, 2,158: dev error" in told.stdout
    kept = attribute(place)

    fewer = proctor("learning-curve", "digits", "--seeds", "2", "--workers", "0", "--json", cwd=place)
    assert fewer.returncode == 0, fewer.stderr
    points = json.loads(fewer.stdout)["points"]
    assert [point["dev_figures"] for point in points] == [
        point["dev_figures"][:2] for point in kept["points"]
    ]
    assert json.loads(fewer.stdout) == attribute(place), "a curve is measured anew, and takes the place"

    report = proctor("show", "digits", cwd=place).stdout
    assert "More data: dev error" in report
    assert json.loads(proctor("show", "digits", "--json", cwd=place).stdout)["learning_curve"] == attribute(
        place
    )


def test_an_interrupted_one_leaves_the_study_as_it_was(place: Path) -> None:
    running = start_proctor("learning-curve", "digits", "--seeds", "300", "--workers", "0", cwd=place)
    assert running.stdout is not None
    while "1 of 1200" not in running.stdout.readline():
        assert running.poll() is None
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
    _, err = running.communicate(timeout=60)

    assert running.returncode == 130, err
    assert err == "proctor: warning: the learning curve was not finished; the study is as it was\n"
    assert attribute(place) is None


def test_what_cannot_have_one_is_refused_in_a_line(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    store = StudyStore(database(place), create=False)
    store.set_attribute("iris", "known_fingerprint", "0" * 32)
    store.close()

    def refusal(*arguments: str) -> str:
        status = run_command(["learning-curve", *arguments])
        said = capsys.readouterr()
        assert (status, said.out, said.err.count("\n")) == (2, "", 1), said
        return said.err

    assert "no study 'digit' in sqlite" in refusal("digit")
    assert "did you mean digits" in refusal("digit")
    assert "a learning curve needs a single dev set, got 3 folds in study 'folded'" in refusal("folded")
    assert "iris has changed since it began" in refusal("iris")
    assert "'--seeds': 1 is not in the range x>=2" in refusal("digits", "--seeds", "1")
    assert attribute(place, "iris") is None


def test_a_study_that_has_not_ended_is_refused(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    search_iris(store, trials=2)
    store.set_attribute("iris", "finalists", [1])  # a finalist that has not been confirmed yet
    store.close()
    refused = proctor("learning-curve", "iris", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        "study 'iris' has confirmations left: a learning curve is measured for the winner of all trials"
        in refused.stderr
    )
