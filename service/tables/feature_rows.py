"""The feature columns of a CSV file's records, as numbers: whatever is none is refused with its place."""

from array import array
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.csv_cells import CellKind, cell_kind, finding, number, shown


class FeatureRows:
    """Gathers features, a record at a time, and gives them as an array.

    Parameters
    ----------
    path
        The file, for messages.
    names
        Of all the file's columns.
    columns
        Where the features stand among them, in the order that the array is to have.
    """

    def __init__(self, path: Path, names: tuple[str, ...], columns: Sequence[int]) -> None:
        self._path = path
        self._names = names
        self._columns = columns
        self._values = array("d")
        self.lines: list[int] = []
        """The line of the file that each row stands on."""

    def append(self, line: int, cells: list[str]) -> None:
        """Add a record's features.

        Raises
        ------
        BadInputError
            The record has more or fewer cells than the header, or a feature is no number.
        """
        if len(cells) != len(self._names):
            raise BadInputError(
                f"a row has as many cells as the header, expected {len(self._names)}, found {len(cells)} "
                f"({self._path}: line {line})"
            )
        try:
            self._values.extend([number(cells[column]) for column in self._columns])
        except ValueError:
            raise self._refusal(line, cells) from None
        self.lines.append(line)

    def matrix(self) -> NDArray[np.float64]:
        """Return what was gathered (n_examples, n_features).

        Raises
        ------
        BadInputError
            A feature is infinite or not a number.
        """
        X = np.frombuffer(self._values, dtype=np.float64).reshape(len(self.lines), len(self._columns))
        finite = np.isfinite(X)
        if not finite.all():
            row, column = divmod(int(np.argmin(finite)), X.shape[1])
            raise BadInputError(
                f"a feature is a finite number in every row, found {X[row, column]} "
                f"({self._place(self.lines[row], self._columns[column])})"
            )
        return X

    def _refusal(self, line: int, cells: list[str]) -> BadInputError:
        column = next(column for column in self._columns if cell_kind(cells[column]) is not CellKind.NUMBER)
        return BadInputError(
            f"a feature is a number in every row, {finding(cells[column])} ({self._place(line, column)})"
        )

    def _place(self, line: int, column: int) -> str:
        return f"{self._path}: line {line}, column {shown(self._names[column])}"
