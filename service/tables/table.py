"""A table in memory, and where it comes from: scikit-learn's own tables by name, or a CSV file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.csv_files import read_csv
from service.tables.targets import read_target
from workers.train_dev_data import Task

MIN_EXAMPLES = 10

_LOADERS: dict[str, tuple[Callable[[], Any], str]] = {
    "breast_cancer": (datasets.load_breast_cancer, "diagnosis"),
    "diabetes": (datasets.load_diabetes, "progression"),
    "digits": (datasets.load_digits, "digit"),
    "iris": (datasets.load_iris, "species"),
    "wine": (datasets.load_wine, "cultivar"),
}
BUILT_IN_TABLES = tuple(_LOADERS)
"""Names that `load_table` knows without a file."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All examples of one question, before any split.

    Attributes
    ----------
    name
        The built-in table's name, or the file's without its ending.
    feature_names
        One name a column of X.
    X
        Features, finite: float64 (n_examples, n_features).
    target_name
        What is predicted.
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    class_names
        Name of each class index; empty in regression.
    task
        Classification or regression.
    """

    name: str
    feature_names: tuple[str, ...]
    X: NDArray[np.float64]
    target_name: str
    y: NDArray[np.int64] | NDArray[np.float64]
    class_names: tuple[str, ...]
    task: Task


def load_table(table: str, *, target: str | None = None, task: Task | None = None) -> Table:
    """Load a built-in table, or a CSV file whatever its ending.

    Parameters
    ----------
    table
        A built-in table's name, which goes before a file of that name (`./digits` is the file); or a path.
    target
        The column to predict. A CSV file needs it; a built-in table has its own.
    task
        What to predict; None lets the target tell (the rule stands in `service.tables.targets`).

    Raises
    ------
    BadInputError
        There is no such table, or it is not one that can be learned from.
    """
    check_table(table)
    if table in _LOADERS:
        return _built_in_table(table, target, task)
    return _csv_table(Path(table), target, task)


def check_table(table: str) -> None:
    """Refuse what names no table; a file is not opened.

    Raises
    ------
    BadInputError
        There is neither a built-in table nor a file of that name.
    """
    if table not in _LOADERS and not _exists(Path(table)):
        nearest = nearest_word(table, BUILT_IN_TABLES)
        hint = f"; did you mean {nearest}?" if nearest else ""
        raise BadInputError(
            f"a table is a CSV file or one of {', '.join(BUILT_IN_TABLES)}; {table!r} is neither{hint}"
        )


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # it may be there but not for us: the reading says why
        return True
    return True


def _built_in_table(name: str, target: str | None, task: Task | None) -> Table:
    load, target_name = _LOADERS[name]
    data = load()
    class_names = tuple(str(label) for label in data.get("target_names", ()))
    own_task = Task.CLASSIFICATION if class_names else Task.REGRESSION
    if target not in {None, target_name}:
        raise BadInputError(
            f"a built-in table has one target, that of {name} is {target_name!r}, got {target!r}"
        )
    if task not in {None, own_task}:
        raise BadInputError(f"a built-in table has one task, that of {name} is {own_task}, got {task}")
    return Table(
        name=name,
        feature_names=tuple(str(feature) for feature in data.feature_names),
        X=data.data.astype(np.float64),
        target_name=target_name,
        y=data.target.astype(np.int64) if class_names else data.target.astype(np.float64),
        class_names=class_names,
        task=own_task,
    )


def _csv_table(path: Path, target: str | None, task: Task | None) -> Table:
    file = read_csv(path, target=target)
    n_examples = len(file.target.cells)
    if n_examples < MIN_EXAMPLES:
        raise BadInputError(f"a table needs at least {MIN_EXAMPLES} rows, found {n_examples} ({path})")
    read = read_target(file.target, task=task)
    return Table(path.stem, file.feature_names, file.X, file.target.name, read.y, read.class_names, read.task)
