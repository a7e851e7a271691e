"""What is known of a column before its values are read, and its cells as values: typed, or refused."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict

from search_spaces.nearest_word import nearest_word
from service.errors import BadInputError
from service.tables.cells import booleans, faulty_cells, is_missing, numbers, shown
from service.tables.column_kinds import ColumnKind
from service.tables.csv_header import listed
from service.tables.date_cells import dates, told_format


class Column(BaseModel):
    """How the cells of a column are to be understood; kept with a model, for tomorrow's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Its name in the table's header."""

    kind: ColumnKind
    """What it holds."""

    date_format: str | None = None
    """How its dates are written, by the marks of C's `strftime`; null where the file has dates of its own."""

    decimal_comma: bool = False
    """Whether its numbers are written with a comma for a point."""


class TypedCells(NamedTuple):
    """A column's values, and the indices of cells that have none: they are missing among the values."""

    values: pl.Series
    faulty: pl.Series


NOUNS: Mapping[ColumnKind, str] = {
    ColumnKind.NUMERIC: "a number",
    ColumnKind.IMAGE: "a number",
    ColumnKind.TIME: "a date or a number",
    ColumnKind.BOOLEAN: "yes or no",
    ColumnKind.DATE: "a date",
}


def typed_cells(cells: pl.Series, column: Column) -> TypedCells:
    """Read a column's cells as its kind has them.

    Returns
    -------
    TypedCells
        Numbers as Float64, truth values as Boolean, dates as Datetime in microseconds, all else as String
        without spaces around it; null where missing.
    """
    if cells.dtype == pl.Null:  # a typed file's column without a value
        cells = cells.cast(pl.String)
    match column.kind:
        case ColumnKind.NUMERIC | ColumnKind.IMAGE:
            values = numbers(cells, decimal_comma=column.decimal_comma)
            return TypedCells(values, faulty_cells(cells, values))
        case ColumnKind.BOOLEAN:
            values = booleans(cells)
            return TypedCells(values, faulty_cells(cells, values))
        case ColumnKind.DATE:
            values = dates(cells, column.date_format)
            return TypedCells(values, faulty_cells(cells, values))
        case _:
            return TypedCells(categories(cells), pl.Series(dtype=pl.UInt32))


def categories(cells: pl.Series) -> pl.Series:
    """Return each cell's text, String (n,), a whole number without a point; null where missing."""
    if cells.dtype.is_float():
        whole = cells.cast(pl.Int64, strict=False)
        is_whole = (whole.cast(pl.Float64) == cells).fill_null(value=False)
        text = cells.fill_nan(None).cast(pl.String)
        return whole.cast(pl.String).zip_with(is_whole, text)
    if cells.dtype != pl.String:
        return cells.cast(pl.String)
    words = cells.unique()
    texts = words.str.strip_chars()
    texts = pl.select(pl.when(~is_missing(texts)).then(texts)).to_series()
    if texts.equals(words):
        return cells
    mapping = pl.DataFrame({"cell": words, "text": texts})
    return (
        cells.to_frame("cell")
        .join(mapping, on="cell", how="left", maintain_order="left")["text"]
        .rename(cells.name)
    )


def typed_frame(
    frame: pl.DataFrame, columns: Sequence[Column], *, place: Callable[[int, str], str]
) -> pl.DataFrame:
    """Read columns as their kinds have them, in the columns' order.

    Parameters
    ----------
    frame
        The table's cells.
    columns
        Those that are wanted; each is in the frame.
    place
        Names a cell's place, by its row in `frame` and its column's name.

    Raises
    ------
    BadInputError
        A cell is neither missing nor of its column's kind: the first one of the first such column.
    """
    typed = []
    for column in columns:
        cells = typed_cells(frame[column.name], column)
        if len(cells.faulty):
            raise faulty_cell(frame[column.name], int(cells.faulty[0]), column, place=place)
        typed.append(cells.values.rename(column.name))
    return pl.DataFrame(typed)


class LenientFrame(NamedTuple):
    """Typed values, and how many cells of each column were none of its kind and are taken for missing."""

    frame: pl.DataFrame
    n_faulty: Mapping[str, int]


def lenient_frame(frame: pl.DataFrame, columns: Sequence[Column]) -> LenientFrame:
    """Read columns as `typed_frame` does, a cell of another kind being taken for missing, and counted."""
    typed, n_faulty = [], {}
    for column in columns:
        cells = typed_cells(frame[column.name], column)
        typed.append(cells.values.rename(column.name))
        if len(cells.faulty):
            n_faulty[column.name] = len(cells.faulty)
    return LenientFrame(pl.DataFrame(typed), n_faulty)


def faulty_cell(
    cells: pl.Series, row: int, column: Column, *, place: Callable[[int, str], str]
) -> BadInputError:
    """Say what was found where another kind of cell was expected."""
    expected = NOUNS[column.kind]
    if column.date_format is not None:
        expected += f" written {column.date_format}"
    return BadInputError(
        f"column {shown(column.name)} is {column.kind}, expected {expected}, found"
        f" {shown(str(cells[row]))}; correct it, or say what the column holds under [columns]"
        f" {place(row, column.name)}"
    )


def kinds_by_name(
    said: Mapping[str, ColumnKind], names: Sequence[str], *, target: str, file: str
) -> dict[str, ColumnKind]:
    """Find the columns that a user's words are about.

    Parameters
    ----------
    said
        Kinds by a column's name, or by a pattern such as `pixel_*`; a name goes before a pattern, a later
        pattern before an earlier one.
    names
        All columns.
    target
        The one among them that is predicted.
    file
        Where they stand, for messages.

    Raises
    ------
    BadInputError
        A word fits no column, or the target; or there are two columns of groups, or two of times.
    """
    kinds: dict[str, ColumnKind] = {}
    for word, kind in sorted(said.items(), key=lambda item: item[0] in names):
        fitting = [word] if word in names else [name for name in names if fnmatchcase(name, word)]
        if word == target:
            raise BadInputError(f"columns.{word}: the target is no feature, found {kind} ({file})")
        if not fitting:
            nearest = nearest_word(word, names)
            hint = f"did you mean {shown(nearest)}?" if nearest else f"the columns are {listed(tuple(names))}"
            raise BadInputError(f"columns.{word}: no column is called so; {hint} ({file})")
        kinds |= {name: kind for name in fitting if name != target}
    for kind in (ColumnKind.GROUP, ColumnKind.TIME):
        of_kind = tuple(name for name in names if kinds.get(name) is kind)
        if len(of_kind) > 1:
            raise BadInputError(f"columns: at most one column is a {kind}, found {listed(of_kind)} ({file})")
    return kinds


def times(cells: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Read each cell as a time: Datetime in microseconds, or Float64 (n,); null where it is none.

    Parameters
    ----------
    cells
        Text, dates or numbers (n,).
    decimal_comma
        Whether numbers may be written with one.
    """
    is_text = cells.dtype == pl.String
    written = told_format(cells.filter(~is_missing(cells))) if is_text else None
    if written is None and (is_text or cells.dtype.is_numeric()):
        return numbers(cells, decimal_comma=decimal_comma)
    column = Column(name=cells.name, kind=ColumnKind.DATE, date_format=written)
    return typed_cells(cells, column).values.rename(cells.name)
