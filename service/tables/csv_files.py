"""Numeric CSV files, read strictly: whatever is not plainly a table of numbers is refused with its place.

UTF-8 (a byte-order mark is fine), commas, a header, one line an example; blank lines are no examples. The
target's cells stay text: what they mean is told elsewhere.
"""

import csv
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.csv_cells import CellKind, cell_kind, finding, number, shown
from service.tables.csv_header import column_names, target_index
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
    try:
        _refuse_by_size_or_kind(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read_columns(_records(file, path), path, target)
    except UnicodeDecodeError:
        line = _first_line_that_is_not_utf8(path)
        raise BadInputError(f"a table is a CSV file in UTF-8, line {line} is not UTF-8 ({path})") from None
    except OSError as error:
        raise BadInputError(f"the file cannot be read: {error.strerror} ({path})") from None


def _refuse_by_size_or_kind(path: Path) -> None:
    status = path.stat()
    if S_ISDIR(status.st_mode):
        raise BadInputError(f"a table is a CSV file, found a directory ({path})")
    if not S_ISREG(status.st_mode):
        raise BadInputError(f"a table is a CSV file, found a device or pipe ({path})")
    if status.st_size > MAX_BYTES:
        raise BadInputError(
            f"big files are not read yet, at most {MAX_BYTES // 2**20} MiB: "
            f"found {status.st_size / 2**20:.0f} MiB ({path})"
        )


def _records(file: TextIO, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank, with the number of its last line."""
    reader = csv.reader(file, strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadInputError(f"a CSV record is malformed: {error} ({path}: line {reader.line_num})") from None


def _read_columns(records: Iterator[tuple[int, list[str]]], path: Path, target: str | None) -> CsvTable:
    line, header = next(records, (0, []))
    if not header:
        raise BadInputError(f"a table needs a header and examples, the file is empty ({path})")
    names = column_names(header, f"{path}: line {line}")
    target_column = target_index(names, target, f"{path}: line {line}")
    feature_columns = [column for column in range(len(names)) if column != target_column]
    values, cells_of_target, lines = array("d"), [], []
    for line, cells in records:
        if len(cells) != len(names):
            raise BadInputError(
                f"a row has as many cells as the header, expected {len(names)}, found {len(cells)} "
                f"({path}: line {line})"
            )
        try:
            values.extend([number(cells[column]) for column in feature_columns])
        except ValueError:
            raise _refusal(names, cells, feature_columns, f"{path}: line {line}") from None
        cells_of_target.append(cells[target_column])
        lines.append(line)
    if not lines:
        raise BadInputError(f"a table needs examples, found only a header ({path})")
    X = np.frombuffer(values, dtype=np.float64).reshape(len(lines), len(feature_columns))
    feature_names = tuple(names[column] for column in feature_columns)
    _refuse_infinite(X, feature_names, lines, path)
    return CsvTable(feature_names, X, TargetColumn(str(path), names[target_column], cells_of_target, lines))


def _refusal(
    names: tuple[str, ...], cells: list[str], feature_columns: list[int], place: str
) -> BadInputError:
    column = next(column for column in feature_columns if cell_kind(cells[column]) is not CellKind.NUMBER)
    found = finding(cells[column])
    return BadInputError(
        f"a feature is a number in every row, {found} ({place}, column {shown(names[column])})"
    )


def _refuse_infinite(X: NDArray[np.float64], names: tuple[str, ...], lines: list[int], path: Path) -> None:
    finite = np.isfinite(X)
    if not finite.all():
        row, column = divmod(int(np.argmin(finite)), X.shape[1])
        raise BadInputError(
            f"a feature is a finite number in every row, found {X[row, column]} "
            f"({path}: line {lines[row]}, column {shown(names[column])})"
        )


def _first_line_that_is_not_utf8(path: Path) -> int:
    """Find what the decoder, which reads ahead in blocks, cannot tell."""
    with path.open("rb") as file:
        for number_of_line, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number_of_line
    return 1
