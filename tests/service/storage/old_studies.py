"""A study that an older Proctor left half-way, as a database of its own."""

import sqlite3
from pathlib import Path

FORMAT_3 = Path(__file__).with_name("format_3.sql")
"""`iris`: three trials have ended, the last one of four was running."""


def database_of(dump: Path, directory: Path) -> str:
    """Make a database of a dump; return its URL."""
    file = directory / "old.db"
    with sqlite3.connect(file) as connection:
        connection.executescript(dump.read_text())
    connection.close()
    return f"sqlite:///{file}"
