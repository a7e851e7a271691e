"""Whether a new study has a place for certain, told without SQLAlchemy and Optuna, whose imports take long.

Only the default database can be judged so. Wherever this says no, `service.study.storage.database` decides.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from service.configuration.launch_config import LaunchConfig

DEFAULT_FILE = "proctor.db"

ROOMY_BYTES = 2**20
"""More than a new database takes."""


def has_place_for(launch: LaunchConfig, names: Sequence[str]) -> bool:
    """Tell whether studies of some names can be made for certain.

    Parameters
    ----------
    launch
        Where they run.
    names
        Their names.

    Returns
    -------
    bool
        False also where it is not certain.
    """
    if launch.storage is not None:
        return False
    file = Path(DEFAULT_FILE).absolute()
    try:
        return not _has_any(file, names) if file.is_file() else _can_be_made(file)
    except (OSError, sqlite3.Error):
        return False


def _has_any(file: Path, names: Sequence[str]) -> bool:
    places = ", ".join("?" * len(names))
    query = f"SELECT count(*) FROM studies WHERE study_name IN ({places})"  # noqa: S608 (question marks alone)
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        (n_found,) = database.execute(query, names).fetchone()
    return bool(n_found > 0)


def _can_be_made(file: Path) -> bool:
    if file.exists() or not os.access(file.parent, os.W_OK | os.X_OK):
        return False
    room = os.statvfs(file.parent)
    return room.f_bavail * room.f_frsize > ROOMY_BYTES
