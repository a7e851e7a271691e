"""The command to type next finds the database that it is about, and shows no password."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import make_url

from service.configuration.launch_config import LaunchConfig
from service.study.storage.database_url import (
    file_url,
    in_storage,
    next_command,
    shown_storage,
    storage_url,
    without_secrets,
)
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_store import StudyStore
from tests.house.checkout import ROOT
from tests.service.pasted import pasted

ODD = "a b&c'd"
SERVER = "postgresql+psycopg://someone:s3cret@host/studies"


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    odd = tmp_path / "100%20?x#y&z"
    odd.mkdir()
    monkeypatch.chdir(odd)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    return odd


def test_the_default_is_a_file_in_the_working_directory(directory: Path) -> None:
    default = storage_url(LaunchConfig())
    assert make_url(default).database == str(directory / "proctor.db")
    assert shown_storage(LaunchConfig()) == default
    assert next_command(default, "resume", ODD) == "proctor resume 'a b&c'\"'\"'d'"


def test_another_file_is_named(tmp_path: Path) -> None:
    url = file_url(tmp_path / ODD / "x.db")
    assert pasted(next_command(url, "resume", ODD)) == ["resume", ODD, "--storage", url]
    assert pasted(next_command(url, "resume", "-d")) == ["resume", "--storage", url, "--", "-d"]


def test_the_variables_database_needs_no_flag_but_another_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = file_url(tmp_path / "x.db")
    monkeypatch.setenv("PROCTOR_STORAGE", SERVER)
    assert next_command(without_secrets(make_url(SERVER)), "resume", "iris") == "proctor resume iris"
    assert next_command(url, "resume", "iris") == f"proctor resume iris --storage {url}"
    assert pasted(next_command(file_url(Path.cwd() / "proctor.db"), "list"))[1] == "--storage"
    monkeypatch.setenv("PROCTOR_STORAGE", "nonsense")
    assert next_command(url, "resume", "iris") == f"proctor resume iris --storage {url}"


def test_a_password_is_named_as_the_variable_that_has_it() -> None:
    command = next_command(without_secrets(make_url(SERVER)), "resume", ODD)
    assert "s3cret" not in command
    assert "***" not in command
    assert pasted(command, PROCTOR_STORAGE=SERVER) == ["resume", ODD, "--storage", SERVER]


def test_the_flag_goes_before_names_that_begin_with_a_dash(tmp_path: Path) -> None:
    url = file_url(tmp_path / "x.db")
    assert pasted(in_storage("proctor unseal --look-again REASON -- '-a b'", url)) == [
        "unseal",
        "--look-again",
        "REASON",
        "--storage",
        url,
        "--",
        "-a b",
    ]


def test_only_commands_without_a_study_are_printed_without_a_database() -> None:
    """All others go through `next_command`, which names the database where a command would not find it."""
    without = set()
    for file in (ROOT / "service").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "shell_command":
                without.add(ast.unparse(call.args[0]))
    assert without == {"'run'", "'predict'", "command"}  # the last one is in `next_command` itself


def command_in(text: str) -> str:
    """Return the command between backticks."""
    return text.split("`")[1]


def test_errors_of_odd_names_have_commands_to_paste(tmp_path: Path) -> None:
    url = file_url(tmp_path / ODD)
    store = StudyStore(url, create=True)
    assert pasted(command_in(str(store.name_is_taken(ODD)))) == ["resume", ODD, "--storage", url]
    with pytest.raises(StorageError, match="shows what there is") as caught:
        store.attributes("nobody")
    assert pasted(command_in(str(caught.value))) == ["list", "--storage", url]
    store.create(ODD, {})
    with pytest.raises(StorageError, match=r"did you mean 'a b&c'\"'\"'d'\?"):
        store.attributes("a b&cd")
    store.close()
