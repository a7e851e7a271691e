"""A column's description before its values are read, and its cells as values: typed, or refused."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.errors import BadInputError
from service.tables.cells import as_floats, booleans, faulty_cells, is_missing, numbers, shown
from service.tables.column_kinds import ColumnKind
from service.tables.number_format import NumberFormat
from service.tables.readings import Reading
from service.tables.times import DateFormat, EpochTime, points_in_time


class Column(BaseModel):
    """How the cells of a column are to be understood; kept with a model, for tomorrow's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Its name in the table's header."""

    kind: ColumnKind
    """What it holds."""

    reading: Reading | None = None
    """How its text is written; null for plain numbers, categories, and dates that the file types itself."""

    decimal_comma: bool = False
    """Whether its plain numbers are written with a comma for a point."""

    missing: tuple[str, ...] = ()
    """Words that stand for a missing cell here, beside the usual ones; in small letters."""

    bounds_of: str | None = None
    """The table's column whose bounds it marks, having no cells of its own: -1 below, 1 above, else 0."""

    @property
    def source(self) -> str:
        """The name of the table's column that it is read from."""
        return self.bounds_of or self.name

    @property
    def expected(self) -> str:
        """The expected cells, for a message."""
        return self.reading.noun if self.reading is not None else NOUNS[self.kind]


class TypedCells(NamedTuple):
    """A column's values, and the indices of cells that have none: they are missing among the values."""

    values: pl.Series
    faulty: pl.Series


_ISO_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f")

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
    if column.bounds_of is not None:
        return TypedCells(_marks(cells, column), pl.Series(dtype=pl.UInt32))
    if column.missing:
        cells = without_words(cells, column.missing)
    match column.kind:
        case ColumnKind.NUMERIC | ColumnKind.IMAGE:
            values = _numbers(cells, column)
            return TypedCells(without_values(values, column.missing), faulty_cells(cells, values))
        case ColumnKind.BOOLEAN:
            values = booleans(cells)
        case ColumnKind.DATE:
            values = _dates(cells, column)
            return TypedCells(without_values(values, column.missing), faulty_cells(cells, values))
        case _:
            return TypedCells(categories(cells), pl.Series(dtype=pl.UInt32))
    return TypedCells(values, faulty_cells(cells, values))


def _numbers(cells: pl.Series, column: Column) -> pl.Series:
    if cells.dtype != pl.String or column.reading is None or column.reading.kind is not ColumnKind.NUMERIC:
        return numbers(cells, decimal_comma=column.decimal_comma)
    return column.reading.values(cells)


def _dates(cells: pl.Series, column: Column) -> pl.Series:
    if cells.dtype.is_temporal():
        return points_in_time(cells)
    match column.reading:
        case DateFormat() as written if cells.dtype.is_numeric():  # 20240131
            return written.values(cells.cast(pl.Int64, strict=False).cast(pl.String))
        case DateFormat() | EpochTime() as written if cells.dtype != pl.Boolean:
            return written.values(cells)
        case None if cells.dtype == pl.String:  # dates that the training file typed, in a file of text
            read = [DateFormat(format=written).values(cells) for written in _ISO_FORMATS]
            return pl.select(pl.coalesce(read).alias(cells.name)).to_series()
        case _:
            return pl.Series(cells.name, [None] * len(cells), dtype=pl.Datetime("us"))


def without_values(values: pl.Series, words: Sequence[str]) -> pl.Series:
    """Take the values for missing that a column's own words name, however these are written in the table.

    Parameters
    ----------
    values
        Numbers or dates that were read (n,).
    words
        Numbers, or dates as ISO 8601 writes them, among other words.
    """
    if not words:
        return values
    texts = pl.Series(words, dtype=pl.String)
    is_date = values.dtype.is_temporal()
    named = (DateFormat(format=_ISO_FORMATS[0]).values(texts) if is_date else numbers(texts)).drop_nulls()
    if named.is_empty():
        return values
    return pl.select(pl.when(~values.is_in(named.implode())).then(values).alias(values.name)).to_series()


def _marks(cells: pl.Series, column: Column) -> pl.Series:
    if cells.dtype != pl.String or not isinstance(column.reading, NumberFormat):
        return pl.zeros(len(cells), pl.Float64, eager=True)
    return column.reading.bound_signs(cells).fill_null(0.0)


def without_words(cells: pl.Series, words: Sequence[str]) -> pl.Series:
    """Return the cells (n,), null where they hold one of the column's own words for missing.

    Parameters
    ----------
    cells
        Of any type.
    words
        In small letters; a number stands for all its spellings.
    """
    if not words:
        return cells
    values = numbers(pl.Series(words, dtype=pl.String)).drop_nulls()
    if cells.dtype == pl.String:
        is_word = cells.str.strip_chars().str.to_lowercase().is_in(list(words))
        if len(values):
            is_word |= numbers(cells).is_in(values.implode()).fill_null(value=False)
    elif cells.dtype.is_numeric() and len(values):
        is_word = cells.cast(pl.Float64).is_in(values.implode())
    else:
        return cells
    return pl.select(pl.when(~is_word).then(cells).alias(cells.name)).to_series()


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
    for column, cells in _typed_columns(frame, columns):
        if len(cells.faulty):
            raise faulty_cell(frame[column.source], int(cells.faulty[0]), column, place=place)
        typed.append(cells.values.rename(column.name))
    return pl.DataFrame(typed)


def _typed_columns(frame: pl.DataFrame, columns: Sequence[Column]) -> Iterator[tuple[Column, TypedCells]]:
    """Read columns; those that are numbers already all at once, which takes a fraction of the time."""
    schema = frame.schema
    numeric = [column for column in columns if _holds_numbers(column, schema[column.source])]
    read = frame.select(as_floats(pl.col(it.source)).alias(it.name) for it in numeric)
    none_faulty = pl.Series(dtype=pl.UInt32)
    for column in columns:
        if column.name in read.columns:
            yield column, TypedCells(read[column.name], none_faulty)
        else:
            yield column, typed_cells(frame[column.source], column)


def _holds_numbers(column: Column, dtype: pl.DataType) -> bool:
    is_plain = column.bounds_of is None and not column.missing
    return is_plain and column.kind in {ColumnKind.NUMERIC, ColumnKind.IMAGE} and dtype.is_numeric()


class LenientFrame(NamedTuple):
    """Typed values, and how many cells of each column did not fit its kind and are read as missing."""

    frame: pl.DataFrame
    n_faulty: Mapping[str, int]


def lenient_frame(frame: pl.DataFrame, columns: Sequence[Column]) -> LenientFrame:
    """Read columns as `typed_frame` does, but read cells of another kind as missing, and count them."""
    typed, n_faulty = [], {}
    for column, cells in _typed_columns(frame, columns):
        typed.append(cells.values.rename(column.name))
        if len(cells.faulty):
            n_faulty[column.name] = len(cells.faulty)
    return LenientFrame(pl.DataFrame(typed), n_faulty)


def faulty_cell(
    cells: pl.Series, row: int, column: Column, *, place: Callable[[int, str], str]
) -> BadInputError:
    """Return the error of a cell of another kind than expected."""
    return BadInputError(
        f"column {shown(column.name)} is {column.kind}: expected {column.expected}, got"
        f" {shown(str(cells[row]))}; correct the cell, or give the column another kind under [columns]"
        f" {place(row, column.name)}"
    )


def times(cells: pl.Series, *, decimal_comma: bool, written: Reading | None = None) -> pl.Series:
    """Read each cell as a time: Datetime in microseconds, or Float64 (n,); null where it is not a time.

    Parameters
    ----------
    cells
        Text, dates or numbers (n,).
    decimal_comma
        Whether numbers may be written with one.
    written
        How dates are written; None lets the cells tell.
    """
    written = written or time_format(cells)
    if written is None and (cells.dtype == pl.String or cells.dtype.is_numeric()):
        return numbers(cells, decimal_comma=decimal_comma)
    column = Column(name=cells.name, kind=ColumnKind.DATE, reading=written)
    return typed_cells(cells, column).values.rename(cells.name)


def time_format(cells: pl.Series) -> DateFormat | None:
    """Return the format of dates that cells of text have; None where they are no such text."""
    if cells.dtype != pl.String:
        return None
    words = cells.filter(~is_missing(cells)).unique().sort().to_list()
    return DateFormat.told(words) if words else None
