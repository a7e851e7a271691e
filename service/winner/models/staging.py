"""Files and directories that are there whole or not at all: written beside their place, then renamed into it.

Whoever is killed on the way leaves the place as it was; what is left beside it is named `.NAME.xxxx.partial`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


@contextmanager
def staged_file(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write a file to; at the end it takes that place, also of an older file.

    Raises
    ------
    OSError
        The file cannot be renamed; then, as after any error of the caller's, nothing is left of it.
    """
    partial = _beside(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def staged_directory(path: Path) -> Iterator[Path]:
    """Yield a new directory beside `path` to write files into; at the end it takes that place.

    A directory that is there already makes way. Of two renames the first leaves the place empty for an
    instant: who is killed just then finds the older directory beside it, whole.

    Raises
    ------
    OSError
        The directory cannot be made or renamed; then, as after any error of the caller's, nothing is left
        of it, and an older one is where it was.
    """
    partial = _beside(path)
    partial.mkdir()
    try:
        yield partial
        if path.exists():
            _take_the_place_of(path, partial)
        else:
            partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _take_the_place_of(older: Path, partial: Path) -> None:
    aside = _beside(older)
    older.rename(aside)
    try:
        partial.rename(older)
    except OSError:
        aside.rename(older)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{token_hex(4)}.partial")
