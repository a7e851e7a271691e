"""The database that a command works on, and the names that are free in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from service.configuration.launch_config import LaunchConfig
from service.seal.identity import StudyIdentity
from service.study.storage.database import check_name_is_free, open_storage, opened_storage
from service.study.storage.database_url import file_url
from service.study.storage.storage_errors import StorageAwayError, StorageError
from tests.postgresql import PostgresqlServer


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


def look_after(launch: LaunchConfig, breaking: Callable[[], object]) -> None:
    """Open a database, break it, and ask the ledger in it."""
    with opened_storage(launch, create=False) as store:
        breaking()
        store.ledger().looks(StudyIdentity("study", "ab", 1))


def test_a_file_that_breaks_midway_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "proctor.db"
    launch = LaunchConfig(storage=file_url(file))
    open_storage(launch, create=True).close()
    with pytest.raises(StorageError, match=r"^storage sqlite:///.*: .* malformed$"):
        look_after(launch, lambda: file.write_bytes(b"no database" * 10_000))


def test_a_server_that_goes_away_midway_is_one_line(postgresql_server_apart: PostgresqlServer) -> None:
    launch = LaunchConfig(storage=postgresql_server_apart.new_database())
    open_storage(launch, create=True).close()
    with pytest.raises(StorageAwayError, match=r"^storage postgresql\+psycopg://.*"):
        look_after(launch, postgresql_server_apart.stop)
