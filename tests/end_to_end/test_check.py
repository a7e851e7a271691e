"""`proctor check`: on a table, a study file and a space; its exit status says whether something is wrong."""

import json
from pathlib import Path

import pytest

from service.cli import run_command
from tests.end_to_end.commands import installed_proctor


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_installed_command_checks_the_default_space_and_writes_nothing(tmp_path: Path) -> None:
    done = installed_proctor("check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("  right ") == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["small", "iris", "study.toml"])
def test_a_space_a_table_and_a_study_file_are_checked(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "study.toml").write_text('[data]\ntable = "wine"\n[space]\ndepth = 3\nactivation = "tanh"\n')
    assert run_command(["check", source, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    layers = {"small": [64, 32, 10], "iris": [4, 64, 64, 3], "study.toml": [13, 64, 64, 64, 3]}
    assert told["layers"][0] == layers[source][0]
    assert told["layers"][-1] == layers[source][-1]
    assert told["is_sound"]


def test_the_own_point_is_checked_not_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "study.toml").write_text('[data]\ntable = "wine"\n[space]\nlearning_rate = 1e-9\n')
    assert run_command(["check", "study.toml"]) == 1
    assert "wrong       learns by heart" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing.csv"], "nothing.csv', and no built-in table of that name"),
        (["smal"], "did you mean small?"),
        (["small", "--space", "default"], "expected one space, got two: small and --space default"),
        (["iris", "--space", "smal"], "did you mean small?"),
        (
            ["huber.toml"],
            "space.loss: the loss huber is not for classification",
        ),
        (["flip.toml"], "space.flip: without an image shape, augmentation of images needs"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_one_line(
    arguments: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "huber.toml").write_text('[data]\ntable = "wine"\n[space]\nloss = "huber"\n')
    (tmp_path / "flip.toml").write_text('[data]\ntable = "wine"\n[space]\nflip = "horizontal"\n')
    assert run_command(["check", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("proctor: ")
    assert said.err.count("\n") == 1
    assert line in said.err
