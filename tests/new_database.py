"""SQLite databases that hold no study yet; making Optuna's tables takes longer than running a small study."""

import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from service.study.storage.database_url import file_url
from service.study.storage.study_store import StudyStore


def new_store(path: Path) -> StudyStore:
    """Open the database in a file, which is made as a copy of one that has the tables."""
    if not path.exists():
        path.write_bytes(_with_tables())
    return StudyStore(file_url(path), create=False)


@cache
def _with_tables() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "proctor.db")
        with closing(StudyStore(file_url(path), create=True)):
            pass
        return path.read_bytes()
