"""A database's URL, before anything is opened: what it says, what of it may be shown, and whether it can be.

Paths become URLs and URLs paths here and nowhere else, quoted as SQLAlchemy does it, and so Optuna. Only
SQLite files can be judged before they are opened; a server is asked by connecting. The command to type next
names its database, where it would not find that one by itself.
"""

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.configuration.launch_config import LaunchConfig
from service.shell_command import END_OF_FLAGS, shell_command
from service.study.storage.new_study_file import DEFAULT_FILE
from service.study.storage.storage_errors import StorageError

NEW_FILE_KIB = 384
"""What a SQLite file with all tables and the log of their making take, with some to spare."""

MASK = "***"
"""Shown instead of a secret."""

_SQLITE_OPTIONS = frozenset(
    {
        *("cached_statements", "check_same_thread", "detect_types", "isolation_level", "timeout", "uri"),
        *("cache", "immutable", "mode", "nolock", "psow", "vfs"),
    }
)
"""Options of Python's SQLite driver, and of SQLite where `uri=true`."""

_HARMLESS_OPTIONS = _SQLITE_OPTIONS | {
    *("host", "port", "user", "dbname", "application_name", "client_encoding", "connect_timeout", "charset"),
    *("sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "ssl", "ssl_ca", "ssl_cert", "ssl_key"),
    *("gssencmode", "channel_binding", "target_session_attrs", "load_balance_hosts", "require_auth"),
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
}
"""Options whose values are shown: a driver may take a secret by any other name."""

_SHORT = 3

_ANSWER_SECONDS = 10
_FILE_LOCK_SECONDS = 60

_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A server that is cut off is noticed after these seconds, not after the system's two hours."""


def file_url(path: Path) -> str:
    """Return the URL of a SQLite file; a relative path stays one."""
    return _rendered(URL.create("sqlite", database=str(path)))


def file_path(url: URL) -> Path | None:
    """Return the SQLite file that a URL names; None for a server, and for a database in memory."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    is_uri = str(url.query.get("uri", "")).lower() in {"true", "yes", "on", "y", "t", "1"}
    return Path(unquote(urlsplit(url.database).path) if is_uri else url.database)


def connect_options(url: URL) -> dict[str, Any]:
    """Return the driver's options for every connection: how long to wait, for a lock or a server."""
    if url.get_backend_name() == "sqlite":
        return {"timeout": _FILE_LOCK_SECONDS}
    return {"connect_timeout": _ANSWER_SECONDS, **_KEEPALIVES}


def for_optuna(url: URL) -> str:
    """Return a URL, password and all, as Optuna's storage reads it, for which braces are a template."""
    return _rendered(url).replace("{", "{{").replace("}", "}}")


def parse_url(url: str) -> URL:
    """Read a URL.

    Raises
    ------
    StorageError
        When it is none, or one that is read otherwise than it was meant. It is not repeated: it may hold a
        password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter where a port is no number
        raise StorageError(
            "--storage: expected a database URL such as sqlite:///proctor.db or"
            " postgresql+psycopg://user@host/database"
        ) from None
    if parsed.username is not None and url.count("@") > 1:
        raise StorageError(
            "--storage: expected one @, before the host, got more; write %40 for an @ in a password"
        )
    if parsed.drivername.partition("+")[0] == "sqlite":
        unknown = parsed.query.keys() - _SQLITE_OPTIONS
        if unknown or ("?" in url and not parsed.query):
            raise StorageError(
                "--storage: expected an option of SQLite after the ?, got none; in a path write %3F for ? and"
                " %25 for %"
            )
    return parsed


def without_secrets(url: URL) -> str:
    """Return a URL as it may be shown: no password, and no option but those known to be harmless."""
    options = [
        f"{quote_plus(key)}={quote_plus(value) if key.lower() in _HARMLESS_OPTIONS else MASK}"
        for key, values in sorted(url.query.items())
        for value in ((values,) if isinstance(values, str) else values)
    ]
    bare = url.difference_update_query(url.query.keys()).render_as_string(hide_password=True)
    return "?".join((bare, "&".join(options))) if options else bare


def mask_secrets(text: str, url: URL) -> str:
    """Return what a driver says of a database without the secrets of its URL, should they be repeated."""
    for secret in sorted(_secrets(url), key=len, reverse=True):
        # A secret so short that it may be part of a word is masked only as a whole word.
        is_short = len(secret) <= _SHORT
        pattern = rf"(?<!\w){re.escape(secret)}(?!\w)" if is_short else re.escape(secret)
        text = re.sub(pattern, MASK, text)
    return text


def storage_argument(shown_url: str) -> str:
    """Return a URL as the word of a shell's command.

    Where it is shown without its password, the word stands for the variable that has it: a shell that lacks
    the variable says so, and runs nothing.

    Parameters
    ----------
    shown_url
        The URL as `without_secrets` returns it.
    """
    shown = make_url(shown_url)
    is_masked = shown.password == MASK or any(MASK in value for value in shown.query.values())
    return (
        '"${PROCTOR_STORAGE:?set it to the URL with its password}"' if is_masked else shlex.quote(shown_url)
    )


def is_missing_file(url: URL) -> bool:
    """Whether it names a SQLite file that is not there yet.

    Raises
    ------
    StorageError
        When a directory is in its place.
    """
    path = file_path(url)
    if path is not None and path.is_dir():
        raise StorageError(f"storage {without_secrets(url)}: expected a file, got a directory")
    return url.get_backend_name() == "sqlite" and not (path is not None and path.is_file())


def check_file_can_be_made(url: URL) -> None:
    """Refuse a SQLite file that could not be made, before a search is begun for it.

    A disk that fills up later is met when it does. This only spares the user the wait, and the disk an empty
    file, in the cases that can be foreseen.

    Raises
    ------
    StorageError
        When there is no such directory, it cannot be written, its disk is full, or there is no file at all.
    """
    if not is_missing_file(url):
        return
    path = file_path(url)
    if path is None:
        raise StorageError("--storage: expected a database in a file or on a server, got one in memory")
    directory = path.absolute().parent
    if not directory.is_dir():
        obstacle = f"there is no directory {directory}"
    elif not os.access(directory, os.W_OK | os.X_OK):
        obstacle = f"the directory {directory} cannot be written"
    elif (free := shutil.disk_usage(directory).free // 2**10) < NEW_FILE_KIB:
        obstacle = f"a new database takes {NEW_FILE_KIB} KiB, and the disk has only {free} KiB left"
    else:
        return
    raise StorageError(f"storage {without_secrets(url)}: {obstacle}")


def _rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _secrets(url: URL) -> Iterator[str]:
    """Yield all secrets of a URL, as they are and as URLs write them."""
    hidden = [] if url.password is None else [str(url.password)]
    for key, values in url.query.items():
        if key.lower() not in _HARMLESS_OPTIONS:
            hidden.extend((values,) if isinstance(values, str) else values)
    for secret in filter(None, hidden):
        yield from {secret, quote(secret), quote_plus(secret), quote(secret, safe="")}


def storage_url(launch: LaunchConfig) -> str:
    """Return the URL of the database that a command works on, with its password."""
    return launch.storage or file_url(Path(DEFAULT_FILE).absolute())


def shown_storage(launch: LaunchConfig) -> str:
    """Return the same URL as it may be shown.

    Raises
    ------
    StorageError
        When it is no URL.
    """
    return without_secrets(parse_url(storage_url(launch)))


def next_command(shown_url: str, command: str, *names: str, flags: Sequence[str] = ()) -> str:
    """Return a command for a shell that works on a database.

    Parameters
    ----------
    shown_url
        The database's URL, as it may be shown.
    command, names, flags
        As for `shell_command`.
    """
    return in_storage(shell_command(command, *names, flags=flags), shown_url)


def in_storage(command: str, shown_url: str) -> str:
    """Return a shell's command with the flag that names a database, where it needs one."""
    flag = _storage_flag(shown_url)
    words = shlex.split(command) if flag else []
    if END_OF_FLAGS not in words:
        return f"{command}{flag}"
    end = words.index(END_OF_FLAGS)
    return f"{shlex.join(words[:end])}{flag} {shlex.join(words[end:])}"


def _storage_flag(shown_url: str) -> str:
    """Return the flag that names a database; nothing where a command finds that one without."""
    with suppress(StorageError):  # the variable may hold anything
        if shown_url == shown_storage(LaunchConfig(storage=os.environ.get("PROCTOR_STORAGE") or None)):
            return ""
    return f" --storage {storage_argument(shown_url)}"
