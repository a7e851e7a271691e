"""What can be told of a database before it is opened."""

import subprocess
from pathlib import Path

import optuna
import pytest
from sqlalchemy import make_url

from service.study.storage.database_url import (
    MASK,
    check_file_can_be_made,
    file_path,
    file_url,
    is_missing_file,
    mask_secrets,
    parse_url,
    storage_argument,
    without_secrets,
)
from service.study.storage.storage_errors import StorageError
from service.study.storage.study_store import StudyStore

ODD_NAMES = (
    "100%20?x#y&z",
    "feature%2Fx",
    "a b",
    'quote\'s "double"',
    "größe-日本",
    "{braces} {SCHEMA_VERSION}",
    "plus+semi;colon:at@equals=",
    "back\\slash*star",
    "-dash",
    "?mode=ro",
    "%",
)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_path_comes_back_from_its_url_and_optuna_reads_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / f"{name}.db"
    file.parent.mkdir()
    url = file_url(file)
    assert file_path(parse_url(url)) == file
    assert without_secrets(parse_url(url)) == url
    StudyStore(url, create=True).close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    # What is printed is read by Optuna as it stands.
    study = optuna.create_study(study_name="theirs", storage=url)
    assert file.is_file()
    assert study.study_name in optuna.get_all_study_names(url)


def test_a_relative_path_stays_one() -> None:
    assert file_url(Path("a b/c?.db")) == "sqlite:///a b/c%3F.db"
    assert file_path(parse_url("sqlite:///a b/c%3F.db")) == Path("a b/c?.db")


def test_no_file_is_named_by_a_server_or_memory() -> None:
    for url in ("postgresql+psycopg://host/studies", "sqlite://", "sqlite:///:memory:"):
        assert file_path(parse_url(url)) is None


def test_a_file_named_by_its_own_address_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a b.db"
    file.touch()
    address = f"file:{tmp_path}/a%2520b.db"
    url = parse_url(f"sqlite:///{address}?mode=ro&uri=true")
    assert file_path(url) == file
    assert not is_missing_file(url)


@pytest.mark.parametrize("url", ["sqlite:////tmp/100%20?x#y/proctor.db", "sqlite:////tmp/a?b=c/proctor.db"])
def test_a_path_that_was_not_quoted_is_refused(url: str) -> None:
    with pytest.raises(StorageError, match=r"^--storage: expected an option of SQLite after the \?.* %3F"):
        parse_url(url)


NO_URLS = (
    "nonsense:s3cret@host",
    "postgresql://someone:s3cret@host:port/studies",
    "postgresql+psycopg://bob:a@s3cret@host/studies",
    "postgresql+psycopg://bob:a@s3/cret@host/studies",
    "postgresql+psycopg://bob:a@s3?x=cret@host/studies",
)


@pytest.mark.parametrize("url", NO_URLS)
def test_what_is_no_url_is_not_repeated(url: str) -> None:
    with pytest.raises(StorageError, match=r"^--storage: expected (a database URL|one @)") as caught:
        parse_url(url)
    for part in ("s3", "cret", "bob"):
        assert part not in str(caught.value)


SECRETIVE = (
    "postgresql+psycopg://someone:s3cret@host/studies?sslmode=require",
    "postgresql+psycopg://someone:s3%40c%3Ar3t@host/studies?sslmode=require",
    *(
        f"postgresql+psycopg://someone@host/studies?{key}=s3cret&sslmode=require"
        for key in ("password", "passwd", "pass", "pwd", "sslpassword", "token", "access_token", "options")
    ),
    "postgresql+psycopg://someone@host/studies?Password=s3cret&password=s3cret&sslmode=require",
    "postgresql+psycopg://someone@host/studies?pass=s3cret&pass=r3t&sslmode=require",
)


@pytest.mark.parametrize("url", SECRETIVE)
def test_no_secret_is_shown_wherever_it_stands(url: str) -> None:
    shown = without_secrets(make_url(url))
    for secret in ("s3", "r3t"):
        assert secret not in shown
    assert shown.startswith("postgresql+psycopg://someone")
    assert MASK in shown
    assert "sslmode=require" in shown
    assert without_secrets(make_url(shown)) == shown


@pytest.mark.parametrize("url", SECRETIVE)
def test_a_shell_is_given_the_variable_that_has_the_secret(url: str) -> None:
    word = storage_argument(without_secrets(make_url(url)))
    command = ["sh", "-c", f"printf %s {word}"]
    given = subprocess.run(command, env={"PROCTOR_STORAGE": url}, capture_output=True, text=True, check=True)
    assert given.stdout == url
    missing = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert missing.returncode != 0
    assert "PROCTOR_STORAGE: set it to the URL with its password" in missing.stderr


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_shell_is_given_an_odd_path_as_it_is(name: str) -> None:
    url = file_url(Path("/") / name)
    command = ["sh", "-c", f"printf %s {storage_argument(url)}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == url


def test_what_a_driver_repeats_is_masked() -> None:
    url = make_url("postgresql+psycopg://someone:s3%40c@host/x?options=-c%20a%3Db&sslmode=require&token=at")
    said = "someone:s3@c s3%40c require -c a=b -c+a%3Db; at that"
    assert mask_secrets(said, url) == "someone:*** *** require *** ***; *** that"


def test_a_file_that_can_be_made_is_not_made_yet(tmp_path: Path) -> None:
    check_file_can_be_made(make_url(file_url(tmp_path / "proctor.db")))
    assert not list(tmp_path.iterdir())


def test_a_server_and_a_file_that_is_there_are_left_to_be_opened(tmp_path: Path) -> None:
    (tmp_path / "proctor.db").touch()
    check_file_can_be_made(make_url(file_url(tmp_path / "proctor.db")))
    check_file_can_be_made(make_url("postgresql+psycopg://someone@host/studies"))


def test_a_file_without_its_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=rf"proctor\.db: there is no directory {tmp_path}/nowhere"):
        check_file_can_be_made(make_url(file_url(tmp_path / "nowhere" / "proctor.db")))


def test_a_directory_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="expected a file, got a directory"):
        check_file_can_be_made(make_url(file_url(tmp_path)))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_study_is_not_kept_in_memory(url: str) -> None:
    with pytest.raises(StorageError, match="got one in memory"):
        check_file_can_be_made(make_url(url))
