"""The files that a user names: standard input kept as a file, and the tables beside a wrong name.

A table is read from several places, which a pipe does not allow. No file is looked into here, so that this
is quick to import.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError, ProctorError

STANDARD_INPUT = Path("-")
"""What names it on the command line."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read.

    Attributes
    ----------
    path
        Where it is.
    name
        What the user knows it by.
    """

    path: Path
    name: str

    def in_words(self, text: str) -> str:
        """Return a message that names the place, with the name that the user knows."""
        return text.replace(str(self.path), self.name)


@contextmanager
def as_file(path: Path) -> Iterator[InputFile]:
    """Give a file to read: the one named, or standard input, kept as a file until then.

    Parameters
    ----------
    path
        The file, or `STANDARD_INPUT`.

    Raises
    ------
    BadInputError
        Whoever read it refused it; standard input is called that.
    ProctorError
        Standard input cannot be kept as a file.
    """
    if path != STANDARD_INPUT:
        yield InputFile(path, str(path))
        return
    with tempfile.TemporaryDirectory(prefix="proctor-") as directory:
        kept = InputFile(Path(directory) / "standard-input", "standard input")
        try:
            with kept.path.open("xb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        except OSError as error:
            raise ProctorError(f"{directory}: standard input cannot be kept: {error.strerror}") from error
        try:
            yield kept
        except BadInputError as error:
            raise BadInputError(kept.in_words(str(error))) from None


ENDINGS = (
    *(".csv", ".tsv", ".csv.gz", ".csv.bz2", ".csv.xz", ".csv.zst", ".json", ".jsonl", ".ndjson"),
    *(".xlsx", ".xlsm", ".parquet", ".feather", ".arrow", ".npz", ".npy"),
)
"""What names of tables end with; a table is read whatever its name ends with."""


def tables_in(directory: Path) -> list[Path]:
    """Return what looks like a table, by name; nothing where the directory cannot be read."""
    try:
        files = [file for file in directory.iterdir() if file.name.lower().endswith(ENDINGS)]
        return sorted(file for file in files if file.is_file() and not file.name.startswith("."))
    except (OSError, ValueError):  # ValueError: a path with a NUL character
        return []


def nearest_file(path: Path) -> Path | None:
    """Return the table beside a path whose name is most like the path's; None where none is alike."""
    by_name = {file.name: file for file in tables_in(path.parent)}
    nearest = nearest_word(path.name, by_name)
    return None if nearest is None else by_name[nearest]
