"""More of a study by the command line: as from the start, and each refusal in one line."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.commands import proctor, trials_of

TINY = (
    *("--space", "small", "--seed", "4", "--workers", "0", "--max-epochs", "4", "--no-baselines"),
    *("--confirm", "2", "--confirm-seeds", "1", "--keep-sealed", "--json"),
)
FROM_THE_START = {"trials", "winner", "confirmation", "optimism", "selection_bootstrap", "ending", "gaps"}
"""What a report has alike, whether a study was asked for as a whole or went on; trials' numbers aside."""


def searched(directory: Path, study: str) -> list[dict[str, Any]]:
    """Return what a study searched, and in what order."""
    kept = [trial for trial in trials_of(directory, study) if "confirms" not in trial["attributes"]]
    return [
        {
            "point": trial["params"],
            "state": trial["state"],
            "value": trial["value"],
            "curve": trial["intermediate_values"],
            "seed": trial["attributes"]["seed"],
        }
        for trial in kept
    ]


@pytest.fixture(scope="module")
def went_on(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Run a study of five trials, and seven more."""
    directory = tmp_path_factory.mktemp("went-on")
    run = proctor("run", "iris", "--trials", "5", *TINY, cwd=directory)
    assert run.returncode == 0, run.stderr
    more = proctor("resume", "iris", "--trials", "12", "--workers", "0", "--json", cwd=directory)
    assert more.returncode == 0, more.stderr
    return directory, json.loads(more.stdout)


def test_it_comes_to_the_same_as_its_command_from_the_start(
    went_on: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    directory, report = went_on
    words = shlex.split(report["reproduce"])
    assert words[words.index("--trials") + 1] == "12"
    run = proctor(*words[1:], "--workers", "0", "--keep-sealed", "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    anew = json.loads(run.stdout)

    assert searched(directory, "iris") == searched(tmp_path, "iris")
    assert _of(report) == _of(anew)


def _of(report: dict[str, Any]) -> dict[str, Any]:
    """Return what is alike, without what depends on trials' numbers and on time."""
    found: dict[str, Any] = {key: report[key] for key in FROM_THE_START}
    found["winner"] = {key: value for key, value in found["winner"].items() if key != "trial"}
    confirmation = found["confirmation"]
    found["confirmation"] = [
        {key: value for key, value in each.items() if key != "trial"} for each in confirmation["finalists"]
    ]
    return found


def test_the_same_total_again_shows_the_report(went_on: tuple[Path, dict[str, Any]]) -> None:
    directory, report = went_on
    again = proctor("resume", "iris", "--trials", "12", "--workers", "0", "--json", cwd=directory)

    assert json.loads(again.stdout) == report


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--trials", "4"), "--trials: expected a limit that study 'iris' has not reached, got 4: it has 12"),
        (("--trials", "0"), "--trials: expected a whole number of at least 1, got 0"),
        (("--seconds", "nan"), "--seconds: expected a number above 0, got NaN"),
        (
            ("--epochs", "100000"),
            "study 'iris' would not go on, because another limit is reached: it has 12 trials",
        ),
        (("--retry-failed",), "--retry-failed: study 'iris' has no trial left that was lost with its worker"),
        (("--look-again", "why"), "--look-again: expected a new limit with it"),
        (("--trials", "20", "--look-again", " "), "--look-again: expected a reason in words"),
        (("--trials", "12", "--look-again", "why"), "proctor unseal iris --look-again"),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(
    went_on: tuple[Path, dict[str, Any]], arguments: tuple[str, ...], said: str
) -> None:
    directory, report = went_on
    refused = proctor("resume", "iris", *arguments, "--workers", "0", cwd=directory)

    assert refused.returncode == 2
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert json.loads(proctor("show", "iris", "--json", cwd=directory).stdout) == report
