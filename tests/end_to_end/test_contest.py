"""A contest through the command: killed and gone on with, opened once, listed, refused."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from service.cli import run_command
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import database, proctor, start_proctor, trials_of, wait_for_trials

NAMES = ["wine-network", "wine-boosting", "wine-linear"]
RUN = (
    *("run", "wine", "--model", "network,boosting,linear", "--trials", "5", "--max-epochs", "6"),
    *("--confirm", "2", "--confirm-seeds", "1", "--seed", "1", "--no-baselines"),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a contest that ran undisturbed."""
    directory = tmp_path_factory.mktemp("undisturbed")
    done = proctor(*RUN, "--workers", "0", cwd=directory)
    assert done.returncode == 0, done.stderr
    assert "kind 3 of 3: linear" in done.stdout
    assert "\nUse the " in done.stdout
    return directory


def shown(directory: Path, name: str) -> Any:  # noqa: ANN401 (a report's JSON)
    """Return a study's report."""
    done = proctor("show", name, "--json", cwd=directory)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_killed_in_the_second_kind_it_comes_to_the_same_end_with_other_workers(
    place: Path, tmp_path: Path
) -> None:
    running = start_proctor(*RUN, "--workers", "2", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "wine-boosting", 1)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    done = proctor("resume", "wine-network", "--workers", "0", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for name in NAMES:
        assert trials_of(tmp_path, name) == trials_of(place, name)
    best = shown(place, NAMES[0])["contest"]["best"]
    assert shown(tmp_path, NAMES[0])["contest"]["best"] == best
    assert len(shown(tmp_path, f"wine-{best}")["looks"]) == 1


def test_one_report_has_the_test_figure_and_all_tell_of_the_one_look(place: Path) -> None:
    reports = [shown(place, name) for name in NAMES]
    opened = [report for report in reports if report["test"] is not None]
    assert [report["model"] for report in opened] == [opened[0]["contest"]["best"]]
    assert all(report["looks"] == opened[0]["looks"] for report in reports)
    assert len(opened[0]["looks"]) == 1
    loser = next(report["study"] for report in reports if report["test"] is None)
    refused = proctor("unseal", loser, cwd=place)
    assert refused.returncode == 2
    expected = f"study '{loser}' did not win: the test set is opened for study '{opened[0]['study']}'"
    assert expected in refused.stderr


def test_the_page_of_the_opened_study_shows_the_kinds_side_by_side(place: Path) -> None:
    (page,) = place.glob("*-report.html")
    text = page.read_text(encoding="utf-8")
    assert "Which kind of model" in text
    assert all(name in text for name in NAMES)


def test_it_is_listed_as_one_and_keeps_its_kinds_by_a_new_name(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    assert run_command(["copy", "wine-network", "twin"]) == 0
    assert "copied to study twin-network" in capsys.readouterr().out
    assert run_command(["list", "--json"]) == 0
    listed = {study["study"]: study for study in json.loads(capsys.readouterr().out)["studies"]}
    assert set(listed) == {"wine-network", "twin-network"}
    twin = listed["twin-network"]
    assert twin["rounds"] == ["twin-network", "twin-boosting", "twin-linear"]
    assert twin["contest"] == ["network", "boosting", "linear"]
    assert run_command(["rename", "twin-linear", "other"]) == 2
    assert "is in the contest of study 'twin-network'" in capsys.readouterr().err
    assert run_command(["delete", "twin-network", "--yes"]) == 0


@pytest.mark.parametrize(
    ("kinds", "line"),
    [
        ("network,boostin", "no such kind of model; did you mean boosting?"),
        ("linear,linear", "expected each kind of model once, got linear 2 times"),
    ],
)
def test_kinds_that_are_no_contest_are_refused_in_a_line(kinds: str, line: str, tmp_path: Path) -> None:
    refused = proctor("run", "wine", "--model", kinds, cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [f"proctor: --model: {line}"]
    assert list(tmp_path.iterdir()) == []


def test_a_check_is_of_one_kind(tmp_path: Path) -> None:
    refused = proctor("check", "wine", "--model", "linear,boosting", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == ["proctor: --model: no such kind of model; did you mean boosting?"]


def test_a_name_that_a_kind_would_need_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    store = StudyStore(database(tmp_path), create=True)
    store.create("wine-linear", {})
    assert run_command([*RUN, "--workers", "0"]) == 2
    assert "study 'wine-linear' exists" in capsys.readouterr().err
    assert store.study_names() == ["wine-linear"]
    store.close()
