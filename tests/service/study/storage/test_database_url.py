"""What can be told of a database before it is opened."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from service.study.storage.database_url import check_file_can_be_made, parse_url, without_secrets
from service.study.storage.storage_errors import StorageError


@pytest.mark.parametrize("url", ["nonsense:s3cret@host", "postgresql://someone:s3cret@host:port/studies"])
def test_what_is_no_url_is_not_repeated(url: str) -> None:
    with pytest.raises(StorageError, match="expected a database URL") as caught:
        parse_url(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://someone:s3cret@host/studies?sslmode=require",
        "postgresql+psycopg://someone@host/studies?password=s3cret&sslmode=require",
        "postgresql+psycopg://someone@host/studies?sslmode=require&sslpassword=s3cret",
    ],
)
def test_no_password_is_shown_wherever_it_stands(url: str) -> None:
    shown = without_secrets(make_url(url))
    assert "s3cret" not in shown
    assert shown.startswith("postgresql+psycopg://someone")
    assert shown.endswith("@host/studies?sslmode=require")


def test_a_file_that_can_be_made_is_not_made_yet(tmp_path: Path) -> None:
    check_file_can_be_made(make_url(f"sqlite:///{tmp_path}/proctor.db"))
    assert not list(tmp_path.iterdir())


def test_a_server_and_a_file_that_is_there_are_left_to_be_opened(tmp_path: Path) -> None:
    (tmp_path / "proctor.db").touch()
    check_file_can_be_made(make_url(f"sqlite:///{tmp_path}/proctor.db"))
    check_file_can_be_made(make_url("postgresql+psycopg://someone@host/studies"))


def test_a_file_without_its_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=rf"proctor\.db: there is no directory {tmp_path}/nowhere"):
        check_file_can_be_made(make_url(f"sqlite:///{tmp_path}/nowhere/proctor.db"))


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="expected a file, found a directory"):
        check_file_can_be_made(make_url(f"sqlite:///{tmp_path}"))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_study_is_not_kept_in_memory(url: str) -> None:
    with pytest.raises(StorageError, match="found a database in memory"):
        check_file_can_be_made(make_url(url))
