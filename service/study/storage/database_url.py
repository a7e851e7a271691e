"""A database's URL, before anything is opened: what it says, what of it may be shown, and whether it can be.

Only SQLite files can be judged so; a server is asked by connecting.
"""

import os
import shutil
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from service.study.storage.storage_errors import StorageError

NEW_FILE_KIB = 384
"""What a SQLite file with all tables and the log of their making take, with some to spare."""


def parse_url(url: str) -> URL:
    """Read a URL.

    Raises
    ------
    StorageError
        When it is none. It is not repeated: it may hold a password.
    """
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # the latter where a port is no number
        raise StorageError(
            "--storage: expected a database URL such as sqlite:///proctor.db or"
            " postgresql+psycopg://user@host/database"
        ) from None


def without_secrets(url: URL) -> str:
    """Return a URL as it may be shown: no password, be it before the host or among the options."""
    secret = [option for option in url.query if "password" in option.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def is_missing_file(url: URL) -> bool:
    """Whether it names a SQLite file that is not there yet."""
    return url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file())


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
    if not url.database or url.database == ":memory:":
        raise StorageError("--storage: a study is kept in a file or on a server, found a database in memory")
    directory = Path(url.database).absolute().parent
    if not directory.is_dir():
        obstacle = f"there is no directory {directory}"
    elif Path(url.database).is_dir():
        obstacle = "expected a file, found a directory"
    elif not os.access(directory, os.W_OK | os.X_OK):
        obstacle = f"the directory {directory} cannot be written"
    elif (free := shutil.disk_usage(directory).free // 2**10) < NEW_FILE_KIB:
        obstacle = f"a new database takes {NEW_FILE_KIB} KiB, the disk is full but for {free}"
    else:
        return
    raise StorageError(f"storage {without_secrets(url)}: {obstacle}")
