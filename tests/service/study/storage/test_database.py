"""The database that a command works on, and the names that are free in it."""

import pytest

from service.configuration.launch_config import LaunchConfig
from service.study.storage.database import check_name_is_free, open_storage
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
