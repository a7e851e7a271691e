"""The target column: which task it poses, its values as the task needs them, and names of classes.

Where nobody names the task, text is classification. A target of many distinct values is a number to predict
(regression). Few are at most 20 that fill at least 3 rows each on average. The rule for few:

- Values that are not all whole are a number.
- Two whole numbers are two classes, also if they are written `0.0` and `1.0`: pandas writes labels so once
  one of them is missing.
- Three or more whole numbers written as decimals are a number.
- Three to seven integers are classes.
- More integers are a number if they are evenly spaced, as scores from 1 to 10 are, and classes otherwise.
  They are also classes if the column's name says so (`CLASS_WORDS`, as whole words in any case), or if a cell
  is a code, which has a leading zero.

Three or more whole numbers can be meant either way. A note names both readings, and the flag for the other.

Classes are called as the table writes them, one name for one number. Names that nearly agree are told.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.cells import CODE, MISSING_TARGETS, finding, is_missing, numbers, shown
from service.tables.header import words_of_name
from service.tables.number_format import NumberFormat
from service.tables.readings import readings_of
from workers.train_dev_data import Task

LARGEST_NUMBER = 1e35
"""Largest target of a regression: predictions are kept in float32, fourth powers of errors in float64."""

SMALLEST_SPREAD = 1e-35
"""Least difference between the largest and the smallest target of a regression, for the same reason."""

MAX_CLASSES = 1000
"""More are a name or a number for each example, rather than classes."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetColumn:
    """The target as it stands in a table.

    Attributes
    ----------
    cells
        One an example, under the column's name: text, numbers or truth values.
    file
        Where it stands, for messages.
    place
        Names the place of one cell, by its row.
    decimal_comma
        Whether text has numbers written with one.
    """

    cells: pl.Series
    file: str
    place: Callable[[int], str]
    decimal_comma: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.cells.name

    def text(self, row: int) -> str:
        """Return one cell as text; empty where there is none."""
        cell = self.cells[row]
        return "" if cell is None else str(cell)


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The target as a task needs it: class indices int64, or numbers float64, (n_examples,).

    Attributes
    ----------
    notes
        What people should hear of how it was understood, in sentences; none where it is as it seems.
    """

    task: Task
    y: NDArray[np.int64] | NDArray[np.float64]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_target(column: TargetColumn, *, task: Task | None) -> Target:
    """Turn the target's cells into classes or numbers.

    Parameters
    ----------
    column
        The cells.
    task
        What to predict; None infers it from the cells, with a note if they are ambiguous.

    Raises
    ------
    BadInputError
        A missing or infinite cell, text where numbers are needed, a constant target, too many classes, or one
        with too few examples to have one in each set.
    """
    cells = column.cells
    if cells.dtype.is_temporal():
        raise BadInputError(
            f"expected a class or a number as target, got dates ({column.file}: column {shown(column.name)})"
        )
    if cells.dtype == pl.Boolean:
        cells = cells.cast(pl.String)
        column = replace(column, cells=cells)
    read, spelling = _numbers_of(column, task)
    _refuse_missing(column, read)
    if read.null_count() == 0:
        return _read_numbers(column, read, task, spelling)
    mostly_numbers = read.null_count() < len(read) / 2
    if task is Task.CLASSIFICATION or (task is None and not mostly_numbers):
        labels = cells.str.strip_chars()
        return _classes(column, labels, sorted(labels.unique()))
    first_text = int(read.is_null().arg_true()[0])
    rule = "regression: expected numbers" if task else "the target is mostly numbers: expected a number"
    raise BadInputError(
        f"{rule}, {finding(column.text(first_text))} {column.place(first_text)}; correct it, list it as"
        f" missing (missing under [data]), or choose --task {Task.CLASSIFICATION}"
    )


def _numbers_of(column: TargetColumn, task: Task | None) -> tuple[pl.Series, str]:
    """Return the cells as numbers, Float64 (n,), null where they are none, and how their text was read.

    Of few distinct texts the numbers in them may be names: these are read as numbers where a regression is
    asked for.

    Raises
    ------
    BadInputError
        A number is a bound.
    """
    cells = column.cells
    plainly = numbers(cells, decimal_comma=column.decimal_comma)
    if cells.dtype != pl.String or plainly.null_count() == 0 or task is Task.CLASSIFICATION:
        return plainly, ""
    words = cells.drop_nulls().unique()
    if task is None and len(words) <= MAX_CLASSES_TOLD_BY_NUMBERS:
        return plainly, ""
    for read in readings_of(cells, words, decimal_comma=column.decimal_comma):
        if read.values.dtype.is_temporal() or len(read.faulty) or read.missing or read.reading is None:
            continue
        if isinstance(read.reading, NumberFormat) and read.reading.has_bounds:
            row = int((read.reading.bound_signs(cells) != 0).arg_max() or 0)
            raise BadInputError(
                f"expected a number as target, got a bound, {shown(column.text(row))} {column.place(row)};"
                f" leave such rows out, or choose --task {Task.CLASSIFICATION}"
            )
        row = int(plainly.is_null().arg_max() or 0)
        said = read.reading.said_of(column.text(row).strip(), read.values[row])
        return read.values, f"target {shown(column.name)} is {said}"
    return plainly, ""


def without_target(cells: pl.Series) -> pl.Series:
    """Tell of each cell of a target whether it is missing (n,)."""
    if cells.dtype == pl.String:
        return is_missing(cells, MISSING_TARGETS)
    return numbers(cells).is_null() if cells.dtype.is_numeric() else cells.is_null()


def _refuse_missing(column: TargetColumn, read: pl.Series) -> None:
    unfit = (without_target(column.cells) | read.is_infinite().fill_null(value=False)).arg_true()
    if len(unfit):
        row = int(unfit[0])
        raise BadInputError(
            f"expected a target in every row, {finding(column.text(row))} {column.place(row)}"
        )


def _read_numbers(column: TargetColumn, read: pl.Series, task: Task | None, spelling: str) -> Target:
    note = ""
    if spelling:  # many numbers, or a regression that is asked for
        task, note = Task.REGRESSION, spelling
    elif task is None:
        task, note = _inferred_task(column.cells, read)
    if task is Task.REGRESSION:
        _refuse_constant(column, n_distinct=read.n_unique())
        _refuse_immense(column, read)
        return Target(Task.REGRESSION, read.to_numpy().astype(np.float64), (), _said(note))
    labels, names, merged = _named_numbers(column.cells, read, decimal_comma=column.decimal_comma)
    return replace(_classes(column, labels, names), notes=_said(note, merged))


def _refuse_immense(column: TargetColumn, read: pl.Series) -> None:
    """Refuse numbers whose errors cannot be squared, or not kept; squares that are all 0 tell nothing."""
    size = read.abs()
    row = int(size.arg_max() or 0)
    if size[row] > LARGEST_NUMBER:
        raise BadInputError(
            f"expected targets between -{LARGEST_NUMBER:g} and {LARGEST_NUMBER:g},"
            f" {finding(column.text(row))} {column.place(row)}; divide the column by a power of ten"
        )
    lowest, highest = float(read.min()), float(read.max())  # type: ignore[arg-type]  # they are numbers
    if highest - lowest < SMALLEST_SPREAD:
        raise BadInputError(
            f"expected targets that spread over at least {SMALLEST_SPREAD:g}, got {highest - lowest:g}"
            f" ({column.file}: column {shown(column.name)}); multiply the column by a power of ten"
        )


def _said(*notes: str) -> tuple[str, ...]:
    return tuple(note for note in notes if note)


def _classes(column: TargetColumn, labels: pl.Series, names: Sequence[str]) -> Target:
    if len(names) > MAX_CLASSES:
        raise BadInputError(
            f"expected at most {MAX_CLASSES} classes, got {len(names)} values in {len(labels)} rows"
            f" ({column.file}: column {shown(column.name)})"
        )
    _refuse_constant(column, n_distinct=len(names))
    counts = dict(labels.rename("label").value_counts().iter_rows())  # a target may be called count
    for name in names:
        if counts[name] < MIN_EXAMPLES_OF_A_CLASS:
            found = "one" if counts[name] == 1 else f"{counts[name]}"
            row = int((labels == name).arg_true()[0])
            raise BadInputError(
                f"expected at least {MIN_EXAMPLES_OF_A_CLASS} examples of each class, for the train, dev and"
                f" test set, got {found} of class {shown(name)} {column.place(row)}"
            )
    index = {name: position for position, name in enumerate(names)}
    y = labels.replace_strict(index, return_dtype=pl.Int64).to_numpy()
    return Target(Task.CLASSIFICATION, y.astype(np.int64), tuple(names))


def _refuse_constant(column: TargetColumn, *, n_distinct: int) -> None:
    if n_distinct == 1:
        raise BadInputError(
            f"expected at least two values of the target, got only {shown(column.text(0).strip())}"
            f" ({column.file}: column {shown(column.name)})"
        )


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


def _inferred_task(cells: pl.Series, values: pl.Series) -> InferredTask:
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


MOST_LISTED = 3
"""Groups of names that a sentence lists; more are counted."""

_INTEGER = re.compile(INTEGER)


class NamedNumbers(NamedTuple):
    """Classes that are numbers, by name.

    Attributes
    ----------
    labels
        Each example's class, by name (n_examples,).
    names
        Of the classes, in the order of their numbers.
    note
        Which spellings were merged; empty where none were.
    """

    labels: pl.Series
    names: tuple[str, ...]
    note: str


def _named_numbers(cells: pl.Series, values: pl.Series, *, decimal_comma: bool) -> NamedNumbers:
    """Name classes that are numbers as the cells write them.

    `01` is called `01`, and `2.50` is called `2.50`. A whole number loses decimals that are zeros alone:
    `1.0` is called `1`. Where a column has several spellings of one number, such as `1` and `01`, they are
    one class under the plainest name of the number.

    Parameters
    ----------
    cells
        As they stand in the table, under the column's name: text or numbers (n_examples,).
    values
        The numbers that they hold, Float64 (n_examples,); none is missing.
    decimal_comma
        Whether text has numbers written with one.
    """
    is_text = cells.dtype == pl.String
    written = (cells if is_text or cells.dtype.is_integer() else values).cast(pl.String).str.strip_chars()
    value_of = dict(pl.DataFrame({"written": written, "value": values}).unique().iter_rows())
    names = {text: _plainest(text, value, decimal_comma=decimal_comma) for text, value in value_of.items()}
    merged: dict[str, list[str]] = {}
    if is_text:
        spellings = defaultdict(list)
        for text in sorted(names):
            spellings[names[text]].append(text)
        merged = {name: texts for name, texts in spellings.items() if len(texts) > 1}
        alone = (texts[0] for texts in spellings.values() if len(texts) == 1)
        names |= {text: _without_zeros(text, decimal_comma=decimal_comma) for text in alone}
    number_of = {names[text]: value for text, value in value_of.items()}
    return NamedNumbers(
        labels=written.replace_strict(names, return_dtype=pl.String),
        names=tuple(sorted(number_of, key=lambda name: (number_of[name], name))),
        note=_merged_spellings(cells.name, merged),
    )


def _plainest(text: str, value: float, *, decimal_comma: bool) -> str:
    """Spell a number in one way, which is no other number's."""
    if _INTEGER.fullmatch(text):
        return str(int(text))  # also where it has more digits than a float
    if value.is_integer():
        return str(int(value))
    return repr(value).replace(".", ",") if decimal_comma else repr(value)


def _without_zeros(text: str, *, decimal_comma: bool) -> str:
    return re.sub(r"^([+-]?[0-9]+),0+$" if decimal_comma else r"^([+-]?[0-9]+)\.0*$", r"\1", text)


def _merged_spellings(column: str, merged: Mapping[str, Sequence[str]]) -> str:
    if not merged:
        return ""
    groups = [f"{_listed(map(shown, texts))} are one class, {shown(name)}" for name, texts in merged.items()]
    return f"target {shown(column)}: different spellings of the same number are merged: {_first_of(groups)}"


def similar_names(names: Sequence[str], y: NDArray[np.int64] | NDArray[np.float64]) -> str:
    """Say which classes have names that differ only in case or blanks; empty where none do.

    Parameters
    ----------
    names
        Of all classes; none in regression.
    y
        Class indices of the known examples, which are counted (n_known,).
    """
    alike = defaultdict(list)
    for index, name in enumerate(names):
        alike[" ".join(normalize("NFC", name).casefold().split())].append((index, name))
    groups = [
        _listed(f"{shown(name)} ({(y == index).sum():,})" for index, name in group)
        for group in alike.values()
        if len(group) > 1
    ]
    if not groups:
        return ""
    return f"classes that differ only in case or blanks, with their known examples: {_first_of(groups)}"


SIMILAR_NAMES_REMEDY = "they count as different classes; if they mean the same, spell them alike in the file"


def _listed(parts: Iterable[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}"


def _first_of(groups: Sequence[str]) -> str:
    more = len(groups) - MOST_LISTED
    return "; ".join([*groups[:MOST_LISTED], *([f"and {more} more"] if more > 0 else [])])
