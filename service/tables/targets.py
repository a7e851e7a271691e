"""The target column: which task it poses, and its values as the task needs them.

The rule, where nobody names the task: text is classification; whole numbers are classification when they
take at most 20 distinct values and fill at least 3 rows for each of them on average; all else is regression.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.csv_cells import CellKind, cell_kind, finding, number, shown
from workers.train_dev_data import Task

MAX_CLASSES_TOLD_BY_NUMBERS = 20
MIN_EXAMPLES_OF_A_CLASS = 3
"""One for each of the train, dev and test set."""

_WHOLE_NUMBER = re.compile(r"\s*[+-]?[0-9]+\s*")


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """The target as it stands in a file.

    Attributes
    ----------
    file, name
        Where it stands, for messages.
    cells, lines
        One text an example, and the line of the file that each stands on.
    """

    file: str
    name: str
    cells: list[str]
    lines: list[int]

    def place(self, row: int) -> str:
        """Name the place of one cell."""
        return f"({self.file}: line {self.lines[row]}, column {shown(self.name)})"


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The target as a task needs it: class indices int64, or numbers float64, (n_examples,)."""

    task: Task
    y: NDArray[np.int64] | NDArray[np.float64]
    class_names: tuple[str, ...]


def read_target(column: TargetColumn, *, task: Task | None) -> Target:
    """Turn the target's cells into classes or numbers.

    Parameters
    ----------
    column
        The cells.
    task
        What to predict; None lets the cells tell (this module's rule).

    Raises
    ------
    BadInputError
        A missing or infinite cell, text where numbers are needed, a constant target, or a class with too few
        examples to have one in each set.
    """
    kinds = [cell_kind(cell) for cell in column.cells]
    for row, kind in enumerate(kinds):
        if kind in {CellKind.MISSING, CellKind.NOT_FINITE}:
            raise BadInputError(
                f"every example needs its target, {finding(column.cells[row])} {column.place(row)}"
            )
    first_text = kinds.index(CellKind.TEXT) if CellKind.TEXT in kinds else None
    if first_text is None:
        return _read_numbers(column, task or _task_told_by_numbers(column))
    mostly_numbers = kinds.count(CellKind.NUMBER) > len(kinds) / 2
    if task is Task.CLASSIFICATION or (task is None and not mostly_numbers):
        return _classes(column, [cell.strip() for cell in column.cells])
    rule = "regression needs numbers" if task else "the target is mostly numbers"
    raise BadInputError(
        f"{rule}, {finding(column.cells[first_text])} {column.place(first_text)}; correct it, or choose the "
        f"task {Task.CLASSIFICATION}"
    )


def _task_told_by_numbers(column: TargetColumn) -> Task:
    n_distinct = len({number(cell) for cell in column.cells})
    whole = all(_WHOLE_NUMBER.fullmatch(cell) for cell in column.cells)
    few = n_distinct <= min(MAX_CLASSES_TOLD_BY_NUMBERS, len(column.cells) / MIN_EXAMPLES_OF_A_CLASS)
    return Task.CLASSIFICATION if whole and few else Task.REGRESSION


def _read_numbers(column: TargetColumn, task: Task) -> Target:
    if task is Task.CLASSIFICATION:
        return _classes(column, [_number_name(cell) for cell in column.cells], order=float)
    y = np.array([number(cell) for cell in column.cells], dtype=np.float64)
    _refuse_constant(column, n_distinct=len(np.unique(y)))
    return Target(Task.REGRESSION, y, ())


def _classes(column: TargetColumn, labels: list[str], order: Callable[[str], float | str] = str) -> Target:
    counts = Counter(labels)
    names = sorted(counts, key=order)
    _refuse_constant(column, n_distinct=len(names))
    for name in names:
        if counts[name] < MIN_EXAMPLES_OF_A_CLASS:
            found = "a single example" if counts[name] == 1 else f"{counts[name]} examples"
            raise BadInputError(
                f"a class needs at least {MIN_EXAMPLES_OF_A_CLASS} examples, one for each of the train, dev "
                f"and test set; class {shown(name)} has {found} {column.place(labels.index(name))}"
            )
    index = {name: position for position, name in enumerate(names)}
    y = np.array([index[label] for label in labels], dtype=np.int64)
    return Target(Task.CLASSIFICATION, y, tuple(names))


def _number_name(cell: str) -> str:
    """Spell a class that is a number in one way, so that `1`, `01` and `1.0` are one class."""
    if _WHOLE_NUMBER.fullmatch(cell):
        return str(int(cell))
    value = number(cell)
    return str(int(value)) if value.is_integer() else repr(value)


def _refuse_constant(column: TargetColumn, *, n_distinct: int) -> None:
    if n_distinct == 1:
        raise BadInputError(
            f"a target needs at least two values, found only {shown(column.cells[0].strip())} "
            f"({column.file}: column {shown(column.name)})"
        )
