"""The kind of each column, inferred from rows outside the test set unless the user gives it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Self

import polars as pl

from service.errors import BadInputError
from service.tables.cells import CODE, is_missing, numbers, shown, told_pair
from service.tables.column_kinds import LEARNED_FROM, ColumnKind
from service.tables.columns import Column, TypedCells, faulty_cell, typed_cells, without_values, without_words
from service.tables.number_format import NumberFormat
from service.tables.readings import (
    ReadCells,
    Reading,
    ambiguous_row,
    may_be_read,
    read_plainly,
    readings_of,
    sampled,
    several_units,
)
from service.tables.results_in_order import results_in_order
from service.tables.said_column import SaidColumn, toml_key
from service.tables.times import DIGITS, DateFormat, EpochTime

FEWEST_IDS = 20
"""Of fewer cells nobody can say that they are all different on purpose."""

_SAMPLE = 500
_MOST_SPELLINGS = 20  # of two words
_DENSE = 3  # numbers of rows: of n known rows they span little more than the table's length


class ToldColumn(NamedTuple):
    """A column, and the reason for its kind if that may surprise; else empty."""

    column: Column
    reason: str = ""


class InferredTable(NamedTuple):
    """All columns, and the values of those that are learned from, under their names."""

    columns: tuple[ToldColumn, ...]
    values: pl.DataFrame

    @property
    def learned_from(self) -> tuple[Column, ...]:
        """The columns of `values`: those of the table, then the marks of those that have bounds."""
        columns = [told.column for told in self.columns if told.column.kind in LEARNED_FROM]
        names = {told.column.name for told in self.columns}
        return (*columns, *(mark for column in columns if (mark := _mark_of(column, names)) is not None))

    def with_images(self) -> Self:
        """Return the table with its columns of numbers read as an image's pixels."""
        columns = tuple(
            told._replace(column=told.column.model_copy(update={"kind": ColumnKind.IMAGE}))
            if told.column.kind is ColumnKind.NUMERIC
            else told
            for told in self.columns
        )
        return self._replace(columns=columns)

    def without_values(self) -> Self:
        """Return the table without its values, which take memory."""
        return self._replace(values=self.values.clear())


def inferred_table(
    known: Iterable[pl.Series],
    *,
    said: Mapping[str, SaidColumn],
    missing: Sequence[str] = (),
    decimal_comma: bool,
    place: Callable[[int, str], str],
) -> InferredTable:
    """Infer what each column holds and how it is written, and read it.

    Parameters
    ----------
    known
        The cells of rows outside the test set, a column after another, without the target's.
    said
        What the user declares about columns, by name.
    missing
        Words that stand for a missing cell in any column.
    decimal_comma
        Whether numbers may be written with one.
    place
        Names a cell's place, by its row among the known and its column's name.

    Raises
    ------
    BadInputError
        A column is nearly all numbers or dates, but not all: the first cell that is none. Or its dates can be
        read two ways: the first one that can.
    """

    def read(column: pl.Series) -> _ReadColumn:
        cells = column.cast(pl.String) if column.dtype == pl.Null else column
        found = infer(cells, said.get(cells.name), missing=missing, decimal_comma=decimal_comma)
        told = found.told.column
        if found.ambiguous is not None:
            raise two_ways(cells, told, found.ambiguous, place=place)
        if told.kind not in LEARNED_FROM:
            return _ReadColumn(found.told)
        typed = found.typed or typed_cells(cells, told)
        if len(typed.faulty):
            raise faulty_cell(cells, int(typed.faulty[0]), told, place=place)
        has_bounds = isinstance(told.reading, NumberFormat) and told.reading.has_bounds
        return _ReadColumn(found.told, typed.values.rename(cells.name), cells if has_bounds else None)

    columns = list(results_in_order(read, iter(known)))
    values = [column.values for column in columns if column.values is not None]
    sources = {column.cells.name: column.cells for column in columns if column.cells is not None}
    table = InferredTable(tuple(column.told for column in columns), pl.DataFrame())
    marks = [mark for mark in table.learned_from if mark.bounds_of is not None]
    values += [typed_cells(sources[mark.source], mark).values.rename(mark.name) for mark in marks]
    return table._replace(values=pl.DataFrame(values))


class _ReadColumn(NamedTuple):
    """A column with its values, if it is learned from, and with its cells, if these may be bounds."""

    told: ToldColumn
    values: pl.Series | None = None
    cells: pl.Series | None = None


def _mark_of(column: Column, names: Collection[str]) -> Column | None:
    """Return the column that marks another's bounds; None where that has none."""
    if not isinstance(column.reading, NumberFormat) or not column.reading.has_bounds:
        return None
    name = f"{column.name} (bound)"
    while name in names:
        name += "'"
    return column.model_copy(update={"name": name, "bounds_of": column.name})


def two_ways(
    cells: pl.Series, column: Column, row: int, *, place: Callable[[int, str], str]
) -> BadInputError:
    """Return the error of a cell whose day and month are ambiguous, with the line that settles it."""
    readings = [column.reading, column.reading.rival] if isinstance(column.reading, DateFormat) else []
    formats = [reading.format for reading in readings if reading is not None]
    return BadInputError(
        f"column {shown(column.name)} has dates that may be day first or month first, such as"
        f" {shown(cells[row])}; give their format under [columns]: {toml_key(column.name)} ="
        + " or".join(f' {{ kind = "{column.kind}", format = "{written}" }}' for written in formats)
        + f" {place(row, column.name)}"
    )


def may_tell_rows_apart(sample: pl.Series) -> bool:
    """Tell of some of a column's cells whether the column may be one of ids; False is certain."""
    present = sample.fill_nan(None).drop_nulls() if sample.dtype.is_float() else sample.drop_nulls()
    if sample.dtype == pl.String:
        present = sample.filter(~is_missing(sample))
    if present.is_duplicated().any():
        return False
    if sample.dtype == pl.String:
        read = numbers(present)
        return bool(read.null_count() or (read == read.floor()).all())
    return sample.dtype.is_numeric() and bool((present == present.floor()).all())


def tells_rows_apart(cells: pl.Series, *, decimal_comma: bool) -> bool:
    """Tell whether all cells of a column suggest ids: numbers or names of the rows."""
    return infer(cells, None, decimal_comma=decimal_comma).told.column.kind is ColumnKind.ID


def comparable(cells: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Return a column as row hashes compare it: as values where its text writes them in a way of its own.

    So the rows of one table are the same whether a price is 1234.5, 1,234.50 or $1,234.50. A cell that cannot
    be read, or is a bound, stays text, and changes the hash of no row but its own. Nothing but hashes is made
    of it: what a column means is inferred from the known examples alone.

    Parameters
    ----------
    cells
        Of all rows (n,).
    decimal_comma
        Whether plain numbers are written with one.
    """
    if cells.dtype != pl.String:
        return cells
    if cells.head(_SAMPLE).cast(pl.Float64, strict=False).count():
        plainly = cells.cast(pl.Float64, strict=False)
        if plainly.null_count() == cells.null_count():
            return plainly
    if not decimal_comma and not may_be_read(cells):
        return cells
    told, typed, _ = infer(cells, None, decimal_comma=decimal_comma)
    reading = told.column.reading
    if typed is None or (reading is None and not decimal_comma):
        return cells
    is_value = typed.values.is_not_null()
    if isinstance(reading, NumberFormat) and reading.has_bounds:
        is_value &= (reading.bound_signs(cells) == 0).fill_null(value=False)
    if (is_value | cells.is_null()).all():
        return typed.values.rename(cells.name)
    is_date = typed.values.dtype.is_temporal()
    texts = typed.values.dt.to_string("iso") if is_date else typed.values.cast(pl.String)
    return texts.zip_with(is_value, cells).rename(cells.name)


class Inferred(NamedTuple):
    """What a column holds.

    Attributes
    ----------
    told
        The column.
    typed
        Its values, where inference has read them already.
    ambiguous
        The index of a cell whose day and month are ambiguous, if nothing decides it.
    """

    told: ToldColumn
    typed: TypedCells | None = None
    ambiguous: int | None = None


def infer(
    cells: pl.Series, said: SaidColumn | None, *, missing: Sequence[str] = (), decimal_comma: bool
) -> Inferred:
    """Infer what a column holds by its cells, as far as the user does not say it.

    Parameters
    ----------
    cells
        Of rows outside the test set (n,).
    said
        What the user declares about the column.
    missing
        Words that stand for a missing cell in any column.
    decimal_comma
        Whether numbers may be written with one.
    """
    words = tuple(word.strip().lower() for word in (*missing, *(said.missing if said else ())))
    base = Column(name=cells.name, kind=ColumnKind.CATEGORICAL, decimal_comma=decimal_comma, missing=words)
    present = without_words(cells, words)
    if said is None or said.kind is None:
        return _by_cells(present, base)
    column = base.model_copy(update={"kind": said.kind})
    if said.kind is ColumnKind.TIME:  # it decides the split, and is read there
        return Inferred(ToldColumn(column.model_copy(update={"reading": said.reading})))
    if said.reading is None:
        return _by_kind(present, column)
    return _described(present, column.model_copy(update={"reading": _completed(said, present)}))


def _by_kind(cells: pl.Series, column: Column) -> Inferred:
    """Find out how a column is written whose kind is given."""
    reading: Reading | None = None
    if column.kind is ColumnKind.DATE and (cells.dtype.is_numeric() or cells.dtype == pl.String):
        reading = EpochTime.told("time", numbers(cells))
        if reading is None and cells.dtype.is_numeric():
            cells = cells.cast(pl.Int64, strict=False).cast(pl.String)
    if column.kind in {ColumnKind.NUMERIC, ColumnKind.DATE} and cells.dtype == pl.String and reading is None:
        words = _words(cells)
        found = readings_of(cells, words, decimal_comma=column.decimal_comma)
        plainly = [read_plainly(cells, decimal_comma=column.decimal_comma)]
        reads = [*plainly * (column.kind is ColumnKind.NUMERIC), *found]
        fitting = [read for read in reads if read.kind is column.kind]
        if fitting:
            return _read(cells, column, min(fitting, key=lambda read: read.n_faulty))
        if column.kind is ColumnKind.DATE:
            formats = [DateFormat(format=written) for written in DIGITS]
            reading = max(formats, key=lambda written: written.values(words).count())
    return Inferred(ToldColumn(column.model_copy(update={"reading": reading})))


def _by_cells(cells: pl.Series, column: Column) -> Inferred:
    if cells.dtype == pl.String:
        return _by_text(cells, column)
    if cells.dtype.is_numeric():
        return Inferred(_of_numbers(column, cells))
    kind = ColumnKind.BOOLEAN if cells.dtype == pl.Boolean else ColumnKind.DATE
    return Inferred(ToldColumn(column.model_copy(update={"kind": kind})))


def _by_text(cells: pl.Series, column: Column) -> Inferred:
    words = None
    if not numbers(cells.drop_nulls().head(_SAMPLE), decimal_comma=column.decimal_comma).count():
        words = _words(cells)  # of a column without numbers these are quickly read
    reads = []
    if words is None or numbers(words, decimal_comma=column.decimal_comma).count():
        reads.append(read_plainly(cells, decimal_comma=column.decimal_comma))
        if not len(reads[0].faulty):
            return _by_values(cells, column, reads[0])
    words = _words(cells) if words is None else words
    if (
        len(words) <= _MOST_SPELLINGS
        and told_pair(set(words.str.strip_chars().str.to_lowercase())) is not None
    ):
        return Inferred(ToldColumn(column.model_copy(update={"kind": ColumnKind.BOOLEAN})))
    reads += readings_of(cells, words, decimal_comma=column.decimal_comma)
    best = next((read for read in reads if not len(read.faulty)), None) or next(
        (read for read in reads if read.is_nearly_all), None
    )
    if best is not None:
        return _by_values(cells, column, best)
    if units := several_units(words):
        examples = " and ".join(map(shown, units))
        return Inferred(
            ToldColumn(column, f"numbers of several units, such as {examples}: convert them to one")
        )
    if len(words) < FEWEST_IDS or len(words) < _n_present(cells):
        return Inferred(ToldColumn(column))
    reason = "its text is different in every row"
    return Inferred(ToldColumn(column.model_copy(update={"kind": ColumnKind.ID}), reason))


def _by_values(cells: pl.Series, column: Column, read: ReadCells) -> Inferred:
    """Infer what text is that was read: numbers or dates, unless the numbers are codes, times or ids."""
    is_whole = read.reading is None and bool((read.values == read.values.floor()).all())
    if is_whole and cells.str.contains(CODE).any():
        return Inferred(ToldColumn(column, "codes: numbers do not begin with 0"))
    inferred = _read(cells, column, read)
    if inferred.told.column.kind is ColumnKind.NUMERIC:
        told = _of_numbers(inferred.told.column, read.values)
        if told.column.kind is not ColumnKind.NUMERIC:
            return Inferred(told, inferred.typed if told.column.kind is ColumnKind.ID else None)
    return inferred


def _read(cells: pl.Series, column: Column, read: ReadCells) -> Inferred:
    """Describe a column of numbers or dates, as it was read."""
    read_as = {"kind": read.kind, "reading": read.reading, "missing": (*column.missing, *read.missing)}
    column = column.model_copy(update=read_as)
    typed = TypedCells(without_values(read.values, column.missing), read.faulty)
    return Inferred(
        ToldColumn(column, _reason(cells, column, read)),
        typed,
        ambiguous_row(read.reading, read.values, cells),
    )


def _of_numbers(column: Column, values: pl.Series) -> ToldColumn:
    """Tell numbers that say something from counts of time and numbers of the rows."""
    column = column.model_copy(update={"kind": ColumnKind.NUMERIC})
    if column.reading is None:
        epoch = EpochTime.told(column.name, numbers(values))
        if epoch is not None:
            column = column.model_copy(update={"kind": ColumnKind.DATE, "reading": epoch})
            first = values.drop_nulls()[:1]
            return ToldColumn(column, epoch.said_of(f"{first[0]:.15g}", epoch.values(first)[0]))
    is_plain = column.reading is None or (
        isinstance(column.reading, NumberFormat) and not column.reading.unit
    )
    if is_plain and _number_the_rows(values):
        return ToldColumn(column.model_copy(update={"kind": ColumnKind.ID}), "it numbers the rows")
    return ToldColumn(column)


def _described(cells: pl.Series, column: Column) -> Inferred:
    """Describe a column whose reading the user says."""
    typed = typed_cells(cells, column)
    read = ReadCells(column.reading, typed.values, typed.faulty)
    return Inferred(ToldColumn(column, _reason(cells, column, read)), typed)


def _completed(said: SaidColumn, cells: pl.Series) -> Reading | None:
    """Complete a user's reading from the cells: the unit, the marks, whether there are bounds."""
    reading = said.reading
    if not isinstance(reading, NumberFormat) or cells.dtype != pl.String:
        return reading
    inferred = NumberFormat.told(sampled(_words(cells)))
    if inferred is not None and said.unit is None:
        reading = reading.model_copy(update={"unit": inferred.unit})
    if inferred is not None and said.thousands is None and said.decimal is None:
        marks = {"thousands": inferred.thousands, "decimal": inferred.decimal}
        reading = reading.model_copy(update=marks)
    has_bounds = bool((reading.bound_signs(cells) != 0).any())
    return reading.model_copy(update={"has_bounds": has_bounds})


def _reason(cells: pl.Series, column: Column, read: ReadCells) -> str:
    """Say how a column was read, where its text does not show it; empty where it does."""
    if cells.dtype != pl.String:
        return ""
    said = []
    if column.reading is not None:
        rows = (numbers(cells).is_null() & read.values.is_not_null()).arg_true()
        said += [column.reading.said_of(cells[row].strip(), read.values[row]) for row in rows[:1]]
    nothing = cells.filter(read.values.is_null())
    nothing = nothing.filter(~is_missing(nothing)).str.strip_chars()
    counts = nothing.alias("word").value_counts(sort=True).sort("count", "word", descending=[True, False])
    usual = [
        f"{shown(word)} in {count:,} cell{'s' * (count != 1)} is read as missing"
        for word, count in counts.head(3).iter_rows()
    ]
    return "; ".join(filter(None, [*said, *usual]))


def _number_the_rows(values: pl.Series) -> bool:
    present = values.cast(pl.Float64).fill_nan(None).drop_nulls()
    if len(present) < FEWEST_IDS or len(present) < len(values):
        return False
    if not (present.head(_SAMPLE) == present.head(_SAMPLE).floor()).all():
        return False
    whole = (present == present.floor()).all()
    span = float(present.max() or 0) - float(present.min() or 0)  # type: ignore[arg-type] # Float64 has these
    return bool(whole) and span < _DENSE * len(present) and present.n_unique() == len(present)


def _n_present(cells: pl.Series) -> int:
    """Count the cells that are not missing; for most columns the distinct ones suffice."""
    if not is_missing(cells.drop_nulls().unique()).any():
        return cells.count()
    return int((~is_missing(cells)).sum())


def _words(cells: pl.Series) -> pl.Series:
    """Return the distinct cells that are not missing."""
    words = cells.drop_nulls().unique()
    return words.filter(~is_missing(words))
