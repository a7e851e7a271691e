"""The task that a target of numbers poses, where nobody names it.

A target of many distinct values is a number to predict (regression). Few are at most 20 that fill at least
3 rows each on average. The rule for few:

- Values that are not all whole are a number.
- Two whole numbers are two classes, also if they are written `0.0` and `1.0`: pandas writes labels so once
  one of them is missing.
- Three or more whole numbers written as decimals are a number.
- Three to seven integers are classes.
- More integers are a number if they are evenly spaced, as scores from 1 to 10 are, and classes otherwise.
  They are also classes if the column's name says so (`CLASS_WORDS`, as whole words in any case), or if a cell
  is a code, which has a leading zero.

Three or more whole numbers can be meant either way. A note names both readings, and the flag for the other.
"""

from typing import NamedTuple

import polars as pl

from service.tables.cells import CODE, shown
from service.tables.csv_header import words_of_name
from workers.train_dev_data import Task

MAX_CLASSES_TOLD_BY_NUMBERS = 20
MIN_EXAMPLES_OF_A_CLASS = 3
"""One for each of the train, dev and test set."""

MOST_INTEGERS_THAT_ARE_CLASSES = 7
"""If they are evenly spaced: up to seven are often grades or codes, more are rather a scale or a count."""

CLASS_WORDS = frozenset({"category", "class", "code", "digit", "kind", "label", "species", "type"})
"""Words in a column's name that say that its integers are classes, in small letters."""

INTEGER = r"^\s*[+-]?[0-9]+\s*$"
"""How text holds an integer."""


class InferredTask(NamedTuple):
    """What to predict.

    Attributes
    ----------
    task
        A class, or a number.
    note
        Both readings, and the flag for the other one; empty where only one is likely.
    """

    task: Task
    note: str = ""


def inferred_task(cells: pl.Series, values: pl.Series) -> InferredTask:
    """Infer the task from a target that holds numbers alone.

    Parameters
    ----------
    cells
        As they stand in the table, under the column's name: text or numbers (n_examples,).
    values
        The numbers that they hold, Float64 (n_examples,); none is missing.
    """
    distinct = values.unique().sort()
    if len(distinct) > min(MAX_CLASSES_TOLD_BY_NUMBERS, len(values) / MIN_EXAMPLES_OF_A_CLASS):
        return InferredTask(Task.REGRESSION)
    if (distinct != distinct.floor()).any():
        return InferredTask(Task.REGRESSION)
    if len(distinct) <= 2:
        return InferredTask(Task.CLASSIFICATION)
    task, adjective, reason = Task.CLASSIFICATION, "", ""
    if not _are_integers(cells):
        task = Task.REGRESSION
    elif len(distinct) > MOST_INTEGERS_THAT_ARE_CLASSES and distinct.diff().drop_nulls().n_unique() == 1:
        if CLASS_WORDS.intersection(words_of_name(cells.name)):
            reason = ", and the column's name suggests classes"
        elif _holds_codes(cells):
            reason = ", some with a leading zero, as in codes"
        else:
            task, adjective = Task.REGRESSION, "evenly spaced "
    found = f"{len(distinct)} {adjective}whole numbers from {distinct[0]:.15g} to {distinct[-1]:.15g}{reason}"
    return InferredTask(task, _note(cells.name, task, found))


def _note(name: str, task: Task, found: str) -> str:
    as_class, as_number = f"a class ({Task.CLASSIFICATION})", f"a number ({Task.REGRESSION})"
    chosen = as_class if task is Task.CLASSIFICATION else as_number
    other = (
        f"--task {Task.REGRESSION} predicts them as numbers"
        if task is Task.CLASSIFICATION
        else f"--task {Task.CLASSIFICATION} predicts them as classes"
    )
    return f"target {shown(name)} is predicted as {chosen}: {found}; {other}"


def _are_integers(cells: pl.Series) -> bool:
    if cells.dtype == pl.String:
        return bool(cells.str.contains(INTEGER).all())
    return cells.dtype.is_integer()


def _holds_codes(cells: pl.Series) -> bool:
    return cells.dtype == pl.String and bool(cells.str.contains(CODE).any())
