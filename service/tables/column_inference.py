"""The kind of each column, told by rows outside the test set where the user does not say it."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Self

import polars as pl

from service.tables.cells import CODE, is_missing, numbers, told_pair
from service.tables.column_kinds import LEARNED_FROM, ColumnKind
from service.tables.columns import Column, TypedCells, faulty_cell, typed_cells
from service.tables.date_cells import told_format

MOST_CATEGORIES_THAT_ARE_NUMBERS = 20
"""A column of more distinct cells, nearly all of them numbers, is a column of numbers with slips in it."""

LEAST_SHARE_OF_NUMBERS = 0.9
"""What nearly all means."""

FEWEST_IDS = 20
"""Of fewer cells nobody can say that they are all different on purpose."""

_SAMPLE = 500
_MOST_SPELLINGS = 20  # of two words
_DENSE = 3  # numbers of rows: of n known rows they span little more than the table's length


class ToldColumn(NamedTuple):
    """A column, and why it is taken for what it is where that may surprise; else nothing."""

    column: Column
    reason: str = ""


class InferredTable(NamedTuple):
    """All columns, and the values of those that are learned from, under their names."""

    columns: tuple[ToldColumn, ...]
    values: pl.DataFrame

    @property
    def learned_from(self) -> tuple[Column, ...]:
        """The columns of `values`."""
        return tuple(told.column for told in self.columns if told.column.kind in LEARNED_FROM)

    def with_images(self) -> Self:
        """Return the table with its columns of numbers taken for an image's pixels."""
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
    given: Mapping[str, ColumnKind],
    decimal_comma: bool,
    place: Callable[[int, str], str],
) -> InferredTable:
    """Tell what each column holds, and read it.

    Parameters
    ----------
    known
        The cells of rows outside the test set, a column after another, without the target's.
    given
        What the user says of columns, by name.
    decimal_comma
        Whether numbers may be written with one.
    place
        Names a cell's place, by its row among the known and its column's name.

    Raises
    ------
    BadInputError
        A column is nearly all numbers or dates, but not all: the first cell that is none.
    """
    told, values = [], []
    for column in known:
        cells = column.cast(pl.String) if column.dtype == pl.Null else column
        kind = given.get(cells.name)
        if kind is None:
            found, typed = _told(cells, decimal_comma=decimal_comma)
        else:
            found, typed = _as_given(cells, kind, decimal_comma=decimal_comma), None
        told.append(found)
        if found.column.kind not in LEARNED_FROM:
            continue
        typed = typed or typed_cells(cells, found.column)
        if len(typed.faulty):
            raise faulty_cell(cells, int(typed.faulty[0]), found.column, place=place)
        values.append(typed.values.rename(cells.name))
    return InferredTable(tuple(told), pl.DataFrame(values))


def may_tell_rows_apart(sample: pl.Series) -> bool:
    """Tell of some of a column's cells whether the column may be one of ids; False is certain."""
    present = sample.fill_nan(None).drop_nulls() if sample.dtype.is_float() else sample.drop_nulls()
    if sample.dtype == pl.String:
        present = _present(sample)
    if present.is_duplicated().any():
        return False
    if sample.dtype == pl.String:
        read = numbers(present)
        return bool(read.null_count() or (read == read.floor()).all())
    return sample.dtype.is_numeric() and bool((present == present.floor()).all())


def tells_rows_apart(cells: pl.Series, *, decimal_comma: bool) -> bool:
    """Tell whether a column is taken for ids, by all its cells: numbers or names of the rows."""
    return _told(cells, decimal_comma=decimal_comma)[0].column.kind is ColumnKind.ID


def _as_given(cells: pl.Series, kind: ColumnKind, *, decimal_comma: bool) -> ToldColumn:
    written = None
    if kind is ColumnKind.DATE and cells.dtype == pl.String:
        written = told_format(_present(cells)) or "%Y%m%d"
    return ToldColumn(Column(name=cells.name, kind=kind, date_format=written, decimal_comma=decimal_comma))


def _told(cells: pl.Series, *, decimal_comma: bool) -> tuple[ToldColumn, TypedCells | None]:
    """Return what a column holds, and its values where telling it has read them."""
    name = cells.name
    if cells.dtype == pl.Boolean:
        return ToldColumn(Column(name=name, kind=ColumnKind.BOOLEAN)), None
    if cells.dtype.is_temporal():
        return ToldColumn(Column(name=name, kind=ColumnKind.DATE)), None
    if cells.dtype.is_numeric():
        return _told_by_numbers(name, cells, decimal_comma=False), None
    if numbers(cells.drop_nulls().head(_SAMPLE), decimal_comma=decimal_comma).count():
        column = Column(name=name, kind=ColumnKind.NUMERIC, decimal_comma=decimal_comma)
        typed = typed_cells(cells, column)
        found = _told_by_text_of_numbers(cells, column, typed)
        if found is not None:
            return found, typed if found.column.kind is ColumnKind.NUMERIC else None
    present = _present(cells)
    if len(present) == 0:
        return ToldColumn(Column(name=name, kind=ColumnKind.CATEGORICAL)), None
    return _told_by_text(name, present), None


def _told_by_text_of_numbers(cells: pl.Series, column: Column, typed: TypedCells) -> ToldColumn | None:
    """Take text for numbers where it is all numbers, or would be but for slips."""
    n_read, n_faulty = typed.values.count(), len(typed.faulty)
    if n_read == 0:
        return None
    if n_faulty == 0:
        found = _told_by_numbers(cells.name, typed.values, decimal_comma=column.decimal_comma)
        is_whole = bool((typed.values == typed.values.floor()).all())
        if is_whole and cells.str.contains(CODE).any():
            coded = Column(name=cells.name, kind=ColumnKind.CATEGORICAL)
            return ToldColumn(coded, "codes: numbers do not begin with 0")
        return found
    is_nearly = n_read >= LEAST_SHARE_OF_NUMBERS * (n_read + n_faulty)
    if is_nearly and cells.n_unique() > MOST_CATEGORIES_THAT_ARE_NUMBERS:
        return ToldColumn(column)
    return None


def _told_by_numbers(name: str, values: pl.Series, *, decimal_comma: bool) -> ToldColumn:
    column = Column(name=name, kind=ColumnKind.NUMERIC, decimal_comma=decimal_comma)
    if _number_the_rows(values):
        return ToldColumn(column.model_copy(update={"kind": ColumnKind.ID}), "it numbers the rows")
    return ToldColumn(column)


def _number_the_rows(values: pl.Series) -> bool:
    present = values.cast(pl.Float64).fill_nan(None).drop_nulls()
    if len(present) < FEWEST_IDS or len(present) < len(values):
        return False
    if not (present.head(_SAMPLE) == present.head(_SAMPLE).floor()).all():
        return False
    whole = (present == present.floor()).all()
    span = float(present.max() or 0) - float(present.min() or 0)  # type: ignore[arg-type] # Float64 has these
    return bool(whole) and span < _DENSE * len(present) and present.n_unique() == len(present)


def _told_by_text(name: str, present: pl.Series) -> ToldColumn:
    words = present.unique()
    spelled = set(words.head(_MOST_SPELLINGS).str.strip_chars().str.to_lowercase())
    if len(words) <= _MOST_SPELLINGS and told_pair(spelled) is not None:
        return ToldColumn(Column(name=name, kind=ColumnKind.BOOLEAN))
    written = told_format(present)
    if written is not None:
        return ToldColumn(Column(name=name, kind=ColumnKind.DATE, date_format=written))
    column = Column(name=name, kind=ColumnKind.CATEGORICAL)
    if len(words) == len(present) and len(present) >= FEWEST_IDS:
        return ToldColumn(
            column.model_copy(update={"kind": ColumnKind.ID}), "its text is another in every row"
        )
    return ToldColumn(column)


def _present(cells: pl.Series) -> pl.Series:
    """Return the cells that are not missing; the words are looked at once each."""
    words = cells.unique()
    missing = words.filter(is_missing(words))
    return cells.filter(~cells.is_in(missing.drop_nulls().implode()) & cells.is_not_null())
