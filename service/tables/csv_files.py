"""Numeric CSV files, read strictly: whatever is not plainly a table of numbers is refused with its place.

UTF-8 (a byte-order mark is fine), commas, a header, one line an example; blank lines are no examples. The
target's cells stay text: what they mean is told elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.csv_header import column_names, refuse_single_column, target_index
from service.tables.csv_records import csv_records
from service.tables.feature_rows import FeatureRows
from service.tables.targets import TargetColumn

MAX_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True, eq=False)
class CsvTable:
    """Features as numbers, X: (n_examples, n_features), in the file's order; the target as text."""

    feature_names: tuple[str, ...]
    X: NDArray[np.float64]
    target: TargetColumn


def read_csv(path: Path, *, target: str | None) -> CsvTable:
    """Read a table whose columns but the target are numbers.

    Raises
    ------
    BadInputError
        The file cannot be read, or is no such table.
    """
    return _read_columns(csv_records(path, max_bytes=MAX_BYTES), path, target)


def _read_columns(records: Iterator[tuple[int, list[str]]], path: Path, target: str | None) -> CsvTable:
    line, header = next(records, (0, []))
    if not header:
        raise BadInputError(f"a table needs a header and examples, the file is empty ({path})")
    names = column_names(header, f"{path}: line {line}")
    refuse_single_column(names, f"{path}: line {line}")
    target_column = target_index(names, target, f"{path}: line {line}")
    feature_columns = [column for column in range(len(names)) if column != target_column]
    features, cells_of_target = FeatureRows(path, names, feature_columns), []
    for line, cells in records:
        features.append(line, cells)
        cells_of_target.append(cells[target_column])
    if not features.lines:
        raise BadInputError(f"a table needs examples, found only a header ({path})")
    feature_names = tuple(names[column] for column in feature_columns)
    column = TargetColumn(str(path), names[target_column], cells_of_target, features.lines)
    return CsvTable(feature_names, features.matrix(), column)
