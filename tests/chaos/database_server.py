"""A PostgreSQL server that can be taken away and given back, with the same data at the same address."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import chown

import psycopg

from tests.postgresql import _await, _free_port, _is_root, _reachable_binaries, _run, _server_user

STOP_SECONDS = 30
_numbers = count(1)


class DatabaseServer:
    """A server in a directory of its own; made by `database_server`."""

    def __init__(self, directory: Path) -> None:
        self._data = directory / "data"
        self._port = _free_port()
        self._binaries = _reachable_binaries(directory)
        self._data.mkdir(mode=0o700)
        user = _server_user()
        if _is_root() and user is not None:
            chown(self._data, user)
            directory.chmod(0o755)
        words = ["-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        _run([str(self._binaries / "initdb"), *words])
        self._server = self._start()

    def new_database(self) -> str:
        """Make an empty database, and return its SQLAlchemy URL."""
        name = f"database_{next(_numbers)}"
        with psycopg.connect(f"{self._url}postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"{self._url.replace('postgresql://', 'postgresql+psycopg://')}{name}"

    def stop(self, *, with_signal: signal.Signals = signal.SIGINT) -> None:
        """Take it away: SIGINT breaks connections off in good order, SIGQUIT as a crash would."""
        self._server.send_signal(with_signal)
        self._server.wait(timeout=STOP_SECONDS)

    def start(self) -> None:
        """Give it back."""
        self._server = self._start()

    @property
    def _url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/"

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
        }
        command = [str(self._binaries / "postgres"), "-D", str(self._data)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self._data / "server.log"
        with log.open("ab") as output:
            server = subprocess.Popen(
                command, cwd=self._data, stdout=output, stderr=output, user=_server_user()
            )
        _await(server, self._url, log)
        return server


@contextmanager
def database_server() -> Iterator[DatabaseServer]:
    """Run a server on a free loopback port for a while."""
    with tempfile.TemporaryDirectory(prefix="proctor-postgresql-", ignore_cleanup_errors=True) as directory:
        server = DatabaseServer(Path(directory))
        try:
            yield server
        finally:
            server.stop()
