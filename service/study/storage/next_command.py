"""The command to type next: with the database it is for, where it would not find that one by itself."""

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from service.configuration.launch_config import LaunchConfig
from service.shell_command import END_OF_FLAGS, shell_command
from service.study.storage.database_url import file_url, parse_url, storage_argument, without_secrets
from service.study.storage.storage_errors import StorageError

DEFAULT_FILE = "proctor.db"


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
