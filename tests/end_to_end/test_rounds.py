"""Rounds and advice through the command: killed and gone on with, sealed to the end, the next one written."""

import json
import os
import signal
from pathlib import Path

import pytest

from service.cli import run_command
from service.configuration.study_file import read_study_file
from service.study.storage.study_store import StudyStore
from tests.end_to_end.commands import database, proctor, start_proctor, trials_of, wait_for_trials

RUN = (
    *("run", "diabetes", "--trials", "8", "--max-epochs", "8", "--seed", "1"),
    *("--confirm", "2", "--confirm-seeds", "1", "--rounds", "3", "--keep-sealed"),
    *("--bayes-error", "0"),  # at the noise floor of these few rows no further round would come
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a study with rounds that ran undisturbed."""
    directory = tmp_path_factory.mktemp("undisturbed")
    done = proctor(*RUN, "--workers", "0", cwd=directory)
    assert done.returncode == 0, done.stderr
    assert "round 2 of at most 3: " in done.stdout
    assert "no further round: " in done.stdout
    return directory


def rounds_of(directory: Path) -> list[str]:
    store = StudyStore(database(directory), create=False)
    names = store.study_names()
    store.close()
    return names


def test_killed_in_a_later_round_they_come_to_the_same_end(place: Path, tmp_path: Path) -> None:
    running = start_proctor(*RUN, "--workers", "2", cwd=tmp_path)
    wait_for_trials(running, tmp_path, "diabetes-round-2", 1)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    done = proctor("resume", "diabetes", "--workers", "0", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    names = rounds_of(place)
    assert rounds_of(tmp_path) == names
    for name in names:
        assert trials_of(tmp_path, name) == trials_of(place, name)


def test_the_test_set_is_opened_for_the_best_round_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    assert run_command(["show", "diabetes", "--json"]) == 0
    rounds = json.loads(capsys.readouterr().out)["rounds"]
    figures = {line["study"]: line["dev_metric"] for line in rounds["rounds"]}
    assert figures[rounds["winner"]] == min(figures.values())
    loser = next(name for name in figures if name != rounds["winner"])
    if loser != "diabetes":  # the first one's name stands for all
        assert run_command(["unseal", loser]) == 2
        expected = f"study '{loser}' did not win: the test set is opened for study '{rounds['winner']}'"
        assert expected in capsys.readouterr().err
    assert run_command(["unseal", "diabetes", "--json"]) == 0
    opened = json.loads(capsys.readouterr().out)
    assert opened["study"] == rounds["winner"]
    assert len(opened["looks"]) == 1


def test_advice_is_given_and_written_as_a_study_of_another_name(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    assert run_command(["advise", "diabetes", "--json"]) == 0
    advised = json.loads(capsys.readouterr().out)
    assert set(advised) == {"gaps", "beside_constant", "findings", "advice"}
    path = tmp_path / "next.toml"
    assert run_command(["advise", "diabetes", "--write", str(path)]) == 0
    assert f"{path} written" in capsys.readouterr().out
    assert run_command(["advise", "diabetes", "--write", str(path)]) == 2
    assert "exists: remove it, or name another file" in capsys.readouterr().err
    following, _ = read_study_file(path, {})
    assert following.name not in rounds_of(place)
    assert following.warm_start in rounds_of(place)
    assert "# " in path.read_text("utf-8").partition("[space]")[2]


def test_rounds_that_are_no_table_are_refused_with_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.toml"
    path.write_text('name = "other"\nrounds = 3\n[data]\ntable = "diabetes"\n', encoding="utf-8")
    assert run_command(["run", str(path)]) == 2
    assert f"{path}:2: rounds: expected a table" in capsys.readouterr().err


def test_a_name_that_a_round_would_need_is_refused_before_anything_runs(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place)
    store = StudyStore(database(place), create=False)
    store.create("taken-round-2", {})
    store.close()
    assert run_command(["run", "diabetes", "--name", "taken", "--rounds", "2"]) == 2
    assert "study 'taken-round-2' exists" in capsys.readouterr().err
    assert "taken" not in rounds_of(place)
