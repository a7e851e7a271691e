"""Studies are renamed, copied, archived and deleted by commands; nobody deletes one by a slip."""

from io import StringIO
from pathlib import Path

import pytest

from service.cli import run_command
from tests.end_to_end.commands import proctor

RUN = (
    *("run", "iris", "--trials", "3", "--max-epochs", "2", "--confirm", "0", "--no-baselines"),
    *("--workers", "0", "--no-report", "--quiet"),
)


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the study iris, whose test set was opened."""
    directory = tmp_path_factory.mktemp("kept")
    ran = proctor(*RUN, cwd=directory)
    assert ran.returncode == 0, ran.stderr
    return directory


@pytest.fixture
def said(studies: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Said":
    """Return what runs commands there."""
    monkeypatch.chdir(studies)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    return Said(capsys)


class Said:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> str:
        """Return what a command that succeeds prints."""
        status = run_command(list(arguments))
        printed = self._capsys.readouterr()
        assert (status, printed.err) == (0, "")
        return printed.out

    def refused(self, *arguments: str) -> str:
        """Return the line of a command that is refused."""
        assert run_command(list(arguments)) == 2
        printed = self._capsys.readouterr()
        assert printed.out == ""
        return printed.err


def test_a_study_is_copied_renamed_archived_and_deleted(said: Said) -> None:
    assert said("copy", "iris", "twin") == "study iris copied to study twin\n"
    assert "copied from study iris" in said("show", "twin")
    assert said("rename", "twin", "other") == "study twin is now study other\n"
    assert "no study 'twin'" in said.refused("show", "twin")
    assert said("archive", "other") == "study other is archived: `proctor list --archived` shows it\n"
    assert "other" not in said("list")
    assert "other" in said("list", "--archived")
    assert "Test " not in said("show", "other")
    assert said("archive", "other", "--undo") == "study other is listed again\n"
    assert "other" in said("list")
    assert said("delete", "other", "--yes") == "study other deleted\n"
    assert "other" not in said("list")


class Terminal(StringIO):
    """Somebody at a terminal, who types what is given."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def test_deleting_asks_and_says_that_the_openings_stay(
    said: Said, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said("copy", "iris", "kept")
    line = said.refused("delete", "iris")
    stay = "; its openings of the test set stay in the ledger (1)"
    assert (
        line == f"proctor: study iris would be deleted{stay}: confirm with --yes where there is no terminal\n"
    )
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert run_command(["delete", "iris"]) == 130
    assert f"Delete study iris{stay}? [y/N]: " in capsys.readouterr().out
    assert "Looks at this test set: 1 by this study" in said("show", "iris")
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert said("delete", "iris").endswith(f"study iris deleted{stay}\n")
    assert "by study iris, since deleted (" in said("show", "kept")
    said("rename", "kept", "iris")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("rename", "iris", "a b"), "the new name: expected at most 64 letters, digits, '-', '_' or '.'"),
        (("copy", "iris", "iris"), "study 'iris' exists in "),
        (("rename", "irs", "b"), "no study 'irs' in "),
        (("delete", "irs", "--yes"), "did you mean iris?"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(said: Said, arguments: tuple[str, ...], line: str) -> None:
    refused = said.refused(*arguments)
    assert line in refused
    assert refused.count("\n") == 1
