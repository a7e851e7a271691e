"""Every command says in one line that the database is away, damaged, read-only or none."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from service.cli import run_command
from service.study.storage.database_url import file_url
from tests.end_to_end.commands import proctor

TINY = ("--trials", "2", "--max-epochs", "2", "--confirm", "0", "--no-baselines", "--workers", "0")
READING = (
    "show iris",
    "show iris --trial 0",
    "best iris",
    "importance iris",
    "advise iris",
    "compare iris iris",
    "report iris -o report.md",
    "unseal iris --no-report",
    "export iris -o model",
    "predict iris new.csv",
    "learning-curve iris --workers 0 --quiet",
    "resume iris --workers 0 --quiet --no-report",
    "enqueue iris --set depth=1",
)
COMMANDS = (
    *READING,
    "list",
    "prepare",
    "dashboard",
    "run iris --trials 1 --confirm 0 --no-baselines --workers 0 --quiet --name other --storage-patience 0",
)

Said = Callable[[str, str], tuple[int, str]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the SQLite file of a study that has ended, whole in itself."""
    directory = tmp_path_factory.mktemp("kept")
    assert proctor("run", "iris", *TINY, "--keep-sealed", "--no-report", cwd=directory).returncode == 0
    with closing(sqlite3.connect(directory / "proctor.db")) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return directory / "proctor.db"


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command on a database in this process; return its status and what it says on standard error."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    (tmp_path / "work" / "new.csv").write_text("a\n1\n")

    def run(command: str, url: str) -> tuple[int, str]:
        status = run_command([*command.split(), "--storage", url])
        return status, capsys.readouterr().err

    return run


def assert_refused(said: tuple[int, str], expected: str) -> None:
    """Check that a command ended with one line that says why."""
    status, line = said
    assert (status, line.count("\n")) == (2, 1), line
    assert line.startswith("proctor: ")
    assert expected in line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_server_that_is_away_is_one_line(said: Said, command: str) -> None:
    url = "postgresql+psycopg://someone:s3cret@127.0.0.1:1/studies"
    assert_refused(said(command, url), "storage postgresql+psycopg://someone:***@127.0.0.1:1/studies: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_directory_is_no_database(said: Said, tmp_path: Path, command: str) -> None:
    assert_refused(said(command, file_url(tmp_path)), str(tmp_path))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_no_database_is_one_line(said: Said, tmp_path: Path, command: str) -> None:
    letter = tmp_path / "letter.db"
    letter.write_text("Dear reader, " * 1000)
    assert_refused(said(command, file_url(letter)), "file is not a database")


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("damage", ["pages", "values"])
def test_a_damaged_file_is_one_line(
    said: Said, tmp_path: Path, kept: Path, command: str, damage: str
) -> None:
    file = tmp_path / "damaged.db"
    if damage == "pages":
        content = kept.read_bytes()
        file.write_bytes(content[:4096] + bytes(len(content) - 4096))
    else:
        shutil.copy(kept, file)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("UPDATE study_user_attributes SET value_json = substr(value_json, 2, 9)")
            connection.commit()
    expected = "malformed" if damage == "pages" else "the database is damaged"
    assert_refused(said(command, file_url(file)), expected)


@pytest.mark.parametrize("command", ["unseal iris --no-report", "enqueue iris --set depth=1", "prepare"])
def test_a_file_that_cannot_be_written_is_one_line(
    said: Said, tmp_path: Path, kept: Path, command: str
) -> None:
    """SQLite opens it for reading alone, as root too."""
    file = tmp_path / "kept.db"
    shutil.copy(kept, file)
    if command.startswith("enqueue"):  # a search that has not ended takes points
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DELETE FROM study_user_attributes WHERE key IN ('ending', 'finalists')")
            more = """UPDATE study_user_attributes
                SET value_json = replace(value_json, '"trials": 2', '"trials": 9') WHERE key = 'config'"""
            connection.execute(more)
            connection.commit()
    if command == "prepare":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("DROP TABLE proctor_leases")
            connection.commit()
    url = f"sqlite:///file:{file}?mode=ro&uri=true"
    status, line = said("show iris", url)
    assert status == 0, line
    assert_refused(said(command, url), "readonly database")
