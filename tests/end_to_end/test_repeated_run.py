"""`proctor run --resume`: a command that can be repeated, and a study whose table has moved."""

import os
import signal
from pathlib import Path

import pytest

from tests.end_to_end.commands import database, proctor, start_proctor, trials_of, wait_for_trials
from tests.house.checkout import ROOT

SHORT = (
    "--trials",
    "6",
    "--max-epochs",
    "6",
    "--confirm",
    "0",
    "--no-baselines",
    "--no-report",
    "--workers",
    "0",
)
RUN = ("run", "houses.csv", "--target", "price", *SHORT, "--resume")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a directory with a table."""
    return with_table(tmp_path / "first")


def with_table(directory: Path) -> Path:
    directory.mkdir()
    (directory / "houses.csv").write_bytes((ROOT / "examples" / "houses.csv").read_bytes())
    return directory


def test_a_command_that_is_repeated_begins_goes_on_and_ends_as_one(directory: Path, tmp_path: Path) -> None:
    long = ("--max-epochs", "200", "--patience", "200")
    process = start_proctor(*RUN, *long, cwd=directory)
    wait_for_trials(process, directory, "houses", 1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    for _ in range(2):
        again = proctor(*RUN, *long, cwd=directory)
        assert again.returncode == 0, again.stderr
        assert "Test RMSE" in again.stdout

    alone = with_table(tmp_path / "alone")
    assert proctor(*RUN[:-1], *long, cwd=alone).returncode == 0
    assert trials_of(directory, "houses") == trials_of(alone, "houses")


@pytest.mark.parametrize(
    ("words", "difference"),
    [
        (("--trials", "7"), "trials = 6, got 7"),
        (("--metric", "mae"), 'metric = "rmse", got "mae"'),
        (("--space", "small"), "space."),
        (("--no-test",), "split.no_test = false, got true"),
    ],
)
def test_other_settings_are_refused_in_one_line(
    words: tuple[str, ...], difference: str, directory: Path
) -> None:
    assert proctor(*RUN, "--keep-sealed", cwd=directory).returncode == 0
    refused = proctor(*RUN, *words, cwd=directory)
    assert refused.returncode == 2
    assert refused.stderr.startswith(
        f"proctor: --resume: study 'houses' was begun with other settings: expected {difference}"
    )
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("begun", "repeated", "difference"),
    [
        ((), ("--keep-sealed",), "neither --keep-sealed nor --look-again, got --keep-sealed"),
        (
            ("--look-again", "for fun"),
            ("--look-again", "a typo"),
            "--look-again 'for fun', got --look-again 'a typo'",
        ),
        (("--keep-sealed",), ("--look-again", "a typo"), "--keep-sealed, got --look-again 'a typo'"),
    ],
)
def test_another_opening_of_the_test_set_is_refused_in_one_line(
    begun: tuple[str, ...], repeated: tuple[str, ...], difference: str, directory: Path
) -> None:
    for words in (begun, begun, ()):  # with the same words, or none, it is the same study
        done = proctor(*RUN, *words, cwd=directory)
        assert done.returncode == 0, done.stderr
    refused = proctor(*RUN, *repeated, cwd=directory)
    assert refused.returncode == 2
    assert refused.stderr == (
        "proctor: --resume: study 'houses' was begun with other settings: expected"
        f" {difference}; --name NAME starts another\n"
    )


def test_a_table_that_has_moved_is_found_in_the_working_directory(directory: Path, tmp_path: Path) -> None:
    assert proctor(*RUN, "--keep-sealed", cwd=directory).returncode == 0
    (directory / "houses.csv").rename(tmp_path / "houses.csv")
    where = ("--storage", database(directory))

    opened = proctor("unseal", "houses", "--no-report", *where, cwd=tmp_path)
    assert opened.returncode == 0, opened.stderr
    assert "Test RMSE" in opened.stdout

    lines = (tmp_path / "houses.csv").read_text().splitlines()
    (tmp_path / "houses.csv").write_text("\n".join(lines[:-1]) + "\n")
    changed = proctor("resume", "houses", "--trials", "7", "--workers", "0", *where, cwd=tmp_path)
    assert changed.returncode == 2
    assert "houses.csv has changed since it began" in changed.stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    missing = proctor("resume", "houses", "--trials", "7", "--workers", "0", *where, cwd=elsewhere)
    assert missing.returncode == 2
    assert f"{directory}/houses.csv" in missing.stderr
