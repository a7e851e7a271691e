"""New examples in a CSV file: the features found by name in a header of any order, read block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.csv_cells import shown
from service.tables.csv_header import column_names, listed
from service.tables.csv_records import csv_records
from service.tables.feature_rows import FeatureRows


@dataclass(frozen=True, slots=True, eq=False)
class FeatureFile:
    """A file whose header has been read.

    Attributes
    ----------
    path
        The file.
    names
        Of all its columns, in its order.
    feature_names
        Those that are read, in the order that the features are to have.
    """

    path: Path
    names: tuple[str, ...]
    feature_names: tuple[str, ...]
    _records: Iterator[tuple[int, list[str]]]

    @property
    def extra_names(self) -> tuple[str, ...]:
        """Names of the columns that nobody reads."""
        wanted = set(self.feature_names)
        return tuple(name for name in self.names if name not in wanted)

    def blocks(self, n_examples: int) -> Iterator[NDArray[np.float64]]:
        """Yield the features of so many examples at a time (n_examples, n_features), the last ones fewer.

        Only once: the file is read as the blocks are asked for.

        Raises
        ------
        BadInputError
            A row is ragged, or a feature is no finite number; with its line.
        """
        positions = {name: column for column, name in enumerate(self.names)}
        columns = [positions[name] for name in self.feature_names]
        while True:
            rows = FeatureRows(self.path, self.names, columns)
            for line, cells in islice(self._records, n_examples):
                rows.append(line, cells)
            if not rows.lines:
                return
            yield rows.matrix()


def open_features(path: Path, feature_names: tuple[str, ...]) -> FeatureFile:
    """Read a file's header, and find the features in it.

    Parameters
    ----------
    path
        A CSV file; of any size.
    feature_names
        What is to be read, in the order that the features are to have.

    Raises
    ------
    BadInputError
        The file cannot be read or is empty, or a feature is missing from its header.
    """
    records = csv_records(path)
    line, header = next(records, (0, []))
    if not header:
        raise BadInputError(f"a table needs a header, the file is empty ({path})")
    place = f"{path}: line {line}"
    names = column_names(header, place)
    present = set(names)
    missing = tuple(name for name in feature_names if name not in present)
    if missing:
        raise BadInputError(
            f"{len(missing)} of {len(feature_names)} features are missing: {listed(missing)}"
            f"{_hint(missing, names, feature_names)} ({place})"
        )
    return FeatureFile(path, names, feature_names, records)


def _hint(missing: tuple[str, ...], names: tuple[str, ...], feature_names: tuple[str, ...]) -> str:
    """Say what the first of the missing may be called instead, or that the file may have other commas."""
    if len(names) == 1:
        return f"; cells are separated by commas, found one column, {shown(names[0])}"
    nearest = nearest_word(missing[0], set(names) - set(feature_names))
    return f"; is {shown(missing[0])} the column {shown(nearest)}?" if nearest else ""
