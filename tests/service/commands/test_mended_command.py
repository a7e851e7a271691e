"""After a slip the line ends with the command that was probably meant, with all else as it was typed."""

import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli import run_command
from service.commands.mended_command import with_target

TABLE = "size,rooms,price\n" + "".join(f"{row},{row % 4},{row * 3.5}\n" for row in range(40))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with one table."""
    (tmp_path / "houses.csv").write_text(TABLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rum houses.csv --trials 3", "run houses.csv --trials 3"),
        ("houses.csv --target price", "run houses.csv --target price"),
        ("run houses.csv --trials 3", "run houses.csv --trials 3 --target price"),
        ("run houses.csv --target Price --seed 3", "run houses.csv --target price --seed 3"),
        ("run houses.csv --target=prise", "run houses.csv --target=price"),
        ("run houses.csv --target zzzz", "run houses.csv --target price"),
        ("run houses.csv price --trials 3", "run houses.csv --trials 3 --target price"),
        ("run houses.csv --tarjet price", "run houses.csv --target price"),
        ("run house.csv --target price", "run houses.csv --target price"),
        ("run ./house.csv --target price", "run houses.csv --target price"),
        ("run . --target price", "run houses.csv --target price"),
        ("run digts --trials 3", "run digits --trials 3"),
        (
            "run houses.csv --target price --dev-table=hoses.csv",
            "run houses.csv --target price --dev-table=houses.csv",
        ),
        ("check houses.csv", "check houses.csv --target price"),
        ("data houses.csv", "data houses.csv --target price"),
        ("init houses.csv", "init houses.csv --target price"),
        ("init houses.csv --target prce -o 'a b.toml'", "init houses.csv --target price -o 'a b.toml'"),
        ("run houses.csv --target price --target area", "run houses.csv --target price --target price"),
        ("run", "run houses.csv"),
        ("report", "list"),
    ],
)
def test_the_command_to_type_next_ends_the_line(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(shlex.split(typed)) == 2
    line = capsys.readouterr().err
    assert line.endswith(f"ext: proctor {meant}\n"), line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "typed",
    [
        *("run nothing-like-it.csv", "run houses.csv --trials ten", "zzzz", "predict"),
        "run houses.csv houses.csv",  # a second table is no target
        "z" * 300,  # longer than a file's name may be
    ],
)
def test_where_nothing_says_what_was_meant_no_command_is_named(
    typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(shlex.split(typed)) == 2
    assert "ext: proctor" not in capsys.readouterr().err


def test_a_command_that_a_table_is_called_like_stays(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "data.csv").write_text(TABLE)
    assert run_command(["data", "data", "--target", "price"]) == 2
    assert capsys.readouterr().err.endswith("ext: proctor data data.csv --target price\n")


def test_the_command_alone_shows_three_to_begin_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("  proctor ") for line in lines) == 3
    assert len(lines) < 10


def test_a_target_stands_before_the_end_of_the_flags() -> None:
    assert with_target(["run", "--", "-t.csv"], "y") == ["run", "--target", "y", "--", "-t.csv"]
    assert with_target(["run", "t.csv"], "-y") == ["run", "t.csv", "--target=-y"]


def test_a_password_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "houses.csv", "--storage", "postgresql://me:secret@host/db"]) == 2
    assert "secret" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "column"), [("", "price"), ("2", "rooms"), ("size", "size"), ("9\n1", "size")]
)
def test_on_a_terminal_the_target_is_asked_for(here: Path, answer: str, column: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from service.cli import main; main()", "data", "houses.csv"]
    process = subprocess.Popen(
        command, cwd=here, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.write(ours, f"{answer}\n".encode())
    out, _ = process.communicate(timeout=120)
    asked = os.read(ours, 4096).decode()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == 0, asked
    assert "1  size" in asked
    assert f"running proctor data houses.csv --target {column}" in asked
    assert f"regression of {column}" in out or f"classification of {column}" in out


@pytest.mark.parametrize("other", ["--quiet", "--json"])
def test_verbose_contradicts_what_shows_less(other: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", "houses.csv", "--target", "price", "--verbose", other]) == 2
    assert f"--verbose and {other}: expected one of them" in capsys.readouterr().err
