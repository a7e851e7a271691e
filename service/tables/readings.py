"""The table of readings: which spellings are recognized in a column of text, and what they make of it."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple, TypeAlias

import polars as pl
from pydantic import Field

from service.tables.cells import MISSING_AMONG_NUMBERS, faulty_cells, is_missing, numbers
from service.tables.column_kinds import ColumnKind
from service.tables.number_format import LEAST_SHARE, NumberFormat, unit_of
from service.tables.times import DateFormat, Duration, EpochTime

Reading: TypeAlias = Annotated[NumberFormat | DateFormat | Duration | EpochTime, Field(discriminator="reads")]
"""How a column's cells are read; kept with the model, so that tomorrow's file is read alike."""

READINGS = (NumberFormat, DateFormat, Duration)
"""In the order in which they are tried on text that is not plain numbers."""

MOST_CATEGORIES_THAT_ARE_NUMBERS = 20
"""A column of more distinct cells, nearly all of them numbers, is a column of numbers with slips in it."""

_SAMPLE = 500
_MOST_UNREAD = 100
_DIGIT = re.compile(r"\d")


class ReadCells(NamedTuple):
    """A column's cells as one reading reads them.

    Attributes
    ----------
    reading
        How they are written; None of plain numbers.
    values
        What was read (n,); null where nothing was.
    faulty
        Indices of cells that were not read and are not missing, ascending.
    missing
        The one word, beside the usual ones, that stands for a missing cell; in small letters.
    """

    reading: Reading | None
    values: pl.Series
    faulty: pl.Series
    missing: tuple[str, ...] = ()

    @property
    def kind(self) -> ColumnKind:
        """What the values are."""
        return ColumnKind.NUMERIC if self.reading is None else self.reading.kind

    @property
    def n_faulty(self) -> int:
        """Number of cells that were not read and are not missing."""
        return len(self.faulty)

    @property
    def is_nearly_all(self) -> bool:
        """Whether nearly all cells were read, so that the others are slips."""
        if self.values.dtype.is_temporal():
            return True  # most words are dates, if of several formats
        n_read = self.values.count()
        is_most = n_read > 0 and n_read >= LEAST_SHARE * (n_read + self.n_faulty)
        return is_most and _has_many_numbers(self.values)


def read_plainly(cells: pl.Series, *, decimal_comma: bool) -> ReadCells:
    """Read cells of text as plain numbers."""
    return _settled(cells, None, numbers(cells, decimal_comma=decimal_comma))


def readings_of(cells: pl.Series, words: pl.Series, *, decimal_comma: bool) -> Iterator[ReadCells]:
    """Read cells of text by each reading that most of their words are written for.

    What is decided does not depend on the order of the cells.

    Parameters
    ----------
    cells
        All of a column's (n,).
    words
        The distinct ones that are not missing.
    decimal_comma
        Whether the table's numbers are written with a comma for a point.
    """
    sample = sampled(words)
    if len(words) <= _SAMPLE:
        other = sampled(_frequent(cells, words))  # without slips
    else:  # a sample of many words may have plain numbers alone
        odd = words.filter(numbers(words, decimal_comma=decimal_comma).is_null())
        other = [*sample, *sampled(odd)[:_MOST_UNREAD]]
    for kind in READINGS:
        best = _read_by(kind, cells, sample, decimal_comma=decimal_comma)
        if other != sample and (best is None or best.n_faulty):
            reads = (best, _read_by(kind, cells, other, decimal_comma=decimal_comma))
            best = min(filter(None, reads), key=lambda read: read.n_faulty, default=None)
        if best is not None and best.n_faulty:  # what the sample has not shown may tell the marks
            unread = cells.gather(best.faulty).unique().sort().head(_MOST_UNREAD).to_list()
            again = _read_by(kind, cells, [*sample, *unread], decimal_comma=decimal_comma)
            best = min(best, again or best, key=lambda read: read.n_faulty)
        if best is not None:
            yield best


def may_be_read(cells: pl.Series) -> bool:
    """Tell whether cells of text (n,) may be written in a way that row hashes do not see through."""
    words = cells.drop_nulls().unique()
    if not words.str.contains(_DIGIT.pattern).any():
        return False
    odd = words.filter(words.cast(pl.Float64, strict=False).is_null())
    if len(odd) < len(words) and is_missing(odd).all():
        return False
    sample = [*sampled(words), *sampled(odd)[:_MOST_UNREAD]]
    readings = (_told(kind, sample, decimal_comma=False) for kind in READINGS)
    return any(reading is not None and not _is_iso(reading) for reading in readings)


def _is_iso(reading: Reading) -> bool:
    """Tell whether hashes take a reading's dates for what they are, whether read or not."""
    if not isinstance(reading, DateFormat):
        return False
    return reading.format.startswith("%Y-%m-%d") and "%z" not in reading.format


def several_units(words: pl.Series) -> tuple[str, str] | None:
    """Return two words that are numbers of different units, where nearly all words are numbers with one."""
    sample = sampled(words)
    with_units = [(unit, word) for word in sample if (unit := unit_of(word))]
    example_of = dict(with_units)
    if len(example_of) < 2 or len(with_units) < LEAST_SHARE * len(sample):
        return None
    first, second, *_ = example_of.values()
    return first, second


_Kind: TypeAlias = type[NumberFormat | DateFormat | Duration]


def _told(kind: _Kind, words: Sequence[str], *, decimal_comma: bool) -> Reading | None:
    if kind is NumberFormat:
        return NumberFormat.told(words, decimal_comma=decimal_comma)
    return kind.told(words)


def _read_by(kind: _Kind, cells: pl.Series, words: Sequence[str], *, decimal_comma: bool) -> ReadCells | None:
    reading = _told(kind, words, decimal_comma=decimal_comma)
    if reading is None:
        return None
    read = _settled(cells, reading, reading.values(cells))
    has_bounds = isinstance(reading, NumberFormat) and reading.has_bounds
    return None if has_bounds and not _has_many_numbers(read.values) else read


def _settled(cells: pl.Series, reading: Reading | None, values: pl.Series) -> ReadCells:
    """Take a lone word among numbers or dates for missing: one without a digit, in several cells."""
    faulty = faulty_cells(cells, values)
    if len(faulty) > 1:
        words = cells.gather(faulty).str.strip_chars().str.to_lowercase().unique()
        is_word = len(words) == 1 and _DIGIT.search(words[0]) is None
        if is_word and (values.dtype.is_temporal() or _has_many_numbers(values)):
            return ReadCells(reading, values, faulty.clear(), (words[0],))
    return ReadCells(reading, values, faulty)


def _has_many_numbers(values: pl.Series) -> bool:
    return values.n_unique() > MOST_CATEGORIES_THAT_ARE_NUMBERS


def _frequent(cells: pl.Series, words: pl.Series) -> pl.Series:
    """Return the words that nearly all cells hold."""
    counts = cells.rename("word").value_counts().filter(pl.col("word").is_in(words.implode()))
    counts = counts.sort("count", "word", descending=[True, False])
    n_before = pl.col("count").cum_sum() - pl.col("count")
    return counts.filter(n_before < LEAST_SHARE * pl.col("count").sum())["word"]


def sampled(words: pl.Series) -> list[str]:
    """Return some distinct words that may be values; of many those of the lowest hashes, in whatever order.

    None at all where fewer have a digit than a reading needs.
    """
    if len(words) > _SAMPLE:
        hashes = words.hash(seed=0)
        words = words.filter(hashes <= hashes.bottom_k(_SAMPLE).max())
    words = words.drop_nulls().unique().sort()
    sample = words.filter(~is_missing(words, MISSING_AMONG_NUMBERS)).to_list()
    n_with_digits = sum(_DIGIT.search(word) is not None for word in sample)
    return sample if n_with_digits >= LEAST_SHARE * len(sample) else []


def ambiguous_row(reading: Reading | None, values: pl.Series, cells: pl.Series) -> int | None:
    """Return the first cell whose day and month are ambiguous, if no other cell decides it.

    Parameters
    ----------
    reading
        How the cells are read.
    values
        What was read (n,).
    cells
        The text (n,).
    """
    rival = reading.rival if isinstance(reading, DateFormat) else None
    if rival is None or cells.dtype != pl.String:
        return None
    others = rival.values(cells)
    differing = (others != values).fill_null(value=False).arg_true()
    decides = others.null_count() != values.null_count()
    return None if decides or not len(differing) else int(differing[0])
