"""The categories of a column, counted; and a number for each, the same on every machine."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.column_kinds import ColumnKind


class Categories(NamedTuple):
    """What a categorical column holds.

    Attributes
    ----------
    names
        Each category once, in no particular order.
    counts
        Rows of each.
    n_missing
        Rows without any.
    """

    names: pl.Series
    counts: pl.Series
    n_missing: int


def count_categories(frame: pl.DataFrame, column: str) -> Categories:
    """Count rows by category."""
    cells = frame.select(name=pl.col(column))
    counted = cells.drop_nulls().group_by("name").len("count")
    return Categories(counted["name"], counted["count"], cells["name"].null_count())


def category_hash(category: str) -> int:
    """Return the first 64 bits of BLAKE2b of the text in UTF-8.

    Two of a million categories share one with a probability of 3 in 100 million; they then pass for one.
    """
    return int.from_bytes(blake2b(category.encode(), digest_size=8).digest(), "big")


def category_hashes(categories: pl.Series) -> NDArray[np.uint64]:
    """Hash each of some categories: (n_categories,)."""
    return np.fromiter(map(category_hash, categories), dtype=np.uint64, count=len(categories))


def places(hashes: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return where each hash stands among known ones, which ascend; their number where it is none of them."""
    place = np.searchsorted(known, hashes)
    found = np.append(known, np.uint64(0))[place] == hashes
    return np.where(found & (place < len(known)), place, len(known))


def replaced(cells: pl.Series, categories: pl.Series, numbers: NDArray[np.integer]) -> pl.Series:
    """Replace each cell by its category's number; a missing cell stays null.

    Parameters
    ----------
    cells
        Text (n_rows,); each is one of the categories.
    categories, numbers
        Each category once, and its number: (n_categories,).
    """
    if categories.is_empty():
        return pl.repeat(None, len(cells), dtype=pl.Int32, eager=True).rename(cells.name)
    numbered = pl.Series(numbers.astype(np.int32))
    return cells.replace_strict(categories, numbered, default=None, return_dtype=pl.Int32)


def n_unseen(cells: pl.Series, known: NDArray[np.uint64]) -> int:
    """Count the cells whose hash is none of those known, which ascend; missing cells are not counted."""
    counted = cells.drop_nulls().value_counts(name="count")
    is_unseen = ~are_among(counted.to_series(0), known)
    return int(counted["count"].to_numpy()[is_unseen].sum())


def are_among(texts: pl.Series, known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell of each text, none missing, whether its hash is one of those known, which ascend: (n_texts,)."""
    return places(category_hashes(texts), known) < len(known)


class _Described(Protocol):
    """A column of categories in a block's description."""

    @property
    def column(self) -> str: ...

    @property
    def has_missing(self) -> bool: ...


class _Description(Protocol):
    """A block's description, as far as it is of columns."""

    @property
    def columns(self) -> Sequence[_Described]: ...


class KnownByHash:
    """A block of categorical columns that knows the train set's categories by their hashes.

    Attributes
    ----------
    description
        Which columns.
    known
        Hashes of the train set's categories, ascending, a column: (n_categories,).
    """

    __slots__ = ()
    description: _Description
    known: tuple[NDArray[np.uint64], ...]

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read."""
        return {it.column: ColumnKind.CATEGORICAL for it in self.description.columns}

    @property
    def complete(self) -> tuple[str, ...]:
        """The columns that missed no cell in the train set."""
        return tuple(it.column for it in self.description.columns if not it.has_missing)

    def are_known(self, column: str, texts: pl.Series) -> NDArray[np.bool_]:
        """Tell of each text, none missing, whether it is a category of the column: (n_texts,)."""
        columns = zip(self.description.columns, self.known, strict=True)
        (known,) = (known for it, known in columns if it.column == column)
        return are_among(texts, known)

    def unseen(self, frame: pl.DataFrame) -> dict[str, int]:
        """Count the cells, by column, that are in no category of the train set."""
        columns = zip(self.description.columns, self.known, strict=True)
        return {it.column: n_unseen(frame[it.column], known) for it, known in columns}
