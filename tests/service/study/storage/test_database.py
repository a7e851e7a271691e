"""The database that a command works on, and the names that are free in it."""

from pathlib import Path

import optuna
import pytest

from service.configuration.launch_config import LaunchConfig
from service.seal.ledger import Ledger
from service.study.storage.database import check_name_is_free, open_storage, storage_flag
from service.study.storage.next_command import storage_url
from service.study.storage.storage_errors import StorageError


def test_a_name_is_free_where_there_is_no_database_yet(storage_url: str) -> None:
    check_name_is_free(LaunchConfig(storage=storage_url), "study")


def test_a_name_that_a_study_has_is_taken(storage_url: str) -> None:
    launch = LaunchConfig(storage=storage_url)
    store = open_storage(launch, create=True)
    store.create("study", {})
    store.close()

    with pytest.raises(StorageError, match=r"study 'study' exists in .*proctor resume study"):
        check_name_is_free(launch, "study")
    check_name_is_free(launch, "another")


def test_the_ledger_remembers_the_name_of_a_study_that_is_deleted(storage_url: str) -> None:
    launch = LaunchConfig(storage=storage_url)
    store = open_storage(launch, create=True)
    store.create("study", {})
    Ledger(store.engine).open("study", "f" * 64, winner_trial=0)
    optuna.delete_study(study_name="study", storage=store.optuna_storage)
    store.close()

    with pytest.raises(StorageError, match=r"a study 'study' was here, and its test set was opened 20\d\d-"):
        check_name_is_free(launch, "study")


def test_the_default_is_a_file_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    default = storage_url(LaunchConfig())

    assert default == f"sqlite:///{tmp_path}/proctor.db"
    assert storage_flag(default) == ""
    assert storage_flag("sqlite:////elsewhere.db") == " --storage sqlite:////elsewhere.db"
