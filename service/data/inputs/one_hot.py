"""Inputs of categorical columns that are 0 or 1.

Each frequent category has an input. Where these hold too few of the rows, each category falls into one of 64
inputs by its hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator

from service.data.inputs.categories import (
    Categories,
    KnownByHash,
    category_hashes,
    replaced,
)
from service.data.inputs.input_block import Rows, RowWriter, Statistics
from service.tables.column_kinds import ColumnKind


def writer_of_ones(positions: pl.DataFrame, *, n_inputs: tuple[int, ...]) -> RowWriter:
    """Return what writes, for each column, a 1 at a position of each row.

    Parameters
    ----------
    positions
        Whole numbers from 0, (n_rows, n_columns); null in a row that stays all zeros.
    n_inputs
        Of each column, (n_columns,); they stand one after the other.
    """
    starts = np.cumsum((0, *n_inputs))[:-1].tolist()
    columns = [_column(positions[:, j], start) for j, start in enumerate(starts)]

    def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
        counting = np.arange(len(inputs))
        for position, is_there in columns:
            if is_there is None:
                inputs[counting, position[rows]] = 1
            else:
                inputs[counting[is_there[rows]], position[rows][is_there[rows]]] = 1

    return write


def _column(positions: pl.Series, start: int) -> tuple[NDArray[np.int32], NDArray[np.bool_] | None]:
    """Return positions among all inputs, and where they are; None for everywhere."""
    is_there = positions.is_not_null().to_numpy() if positions.null_count() else None
    return positions.cast(pl.Int32).fill_null(0).to_numpy() + np.int32(start), is_there


MAX_CATEGORIES = 256
"""Categories of a column with an input each; in large tables fewer: see `MAX_CELLS`."""

MAX_CELLS = 100_000_000
"""Cells of a column's inputs, 400 MB; but 64 categories may have an input each in a table of any size."""

LEAST_COVERED = 0.9
"""Share of the train cells that frequent categories hold, for an input each; missing cells aside."""

N_BUCKETS = 64
"""Inputs of a hashed column; no more categories than these are never hashed."""


class OneHotColumn(BaseModel):
    """The categories of a column, and which of them have an input of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Name of the column."""

    categories: tuple[str, ...]
    """Categories with an input each, in the order of the inputs."""

    rare: tuple[str, ...]
    """Categories that share the input `(other)`; there is none where none is rare."""

    has_missing: bool
    """Whether missing cells have an input: where the train set has some."""

    @model_validator(mode="after")
    def _categories_differ(self) -> Self:
        if len(set(self.categories + self.rare)) < len(self.categories + self.rare):
            raise ValueError(f"duplicate category ({self.column})")
        return self

    @property
    def input_names(self) -> tuple[str, ...]:
        """The categories', then `(other)` and `(missing)` where they are."""
        names = self.categories + ("(other)",) * bool(self.rare) + ("(missing)",) * self.has_missing
        return tuple(f"{self.column}={name}" for name in names)


class OneHotDescription(BaseModel):
    """Which columns have an input for each category."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["one_hot"] = "one_hot"
    """Tells the blocks of a transformation apart."""

    columns: tuple[OneHotColumn, ...]
    """The columns, in the order of their inputs."""


@dataclass(frozen=True, slots=True, eq=False)
class OneHotColumns:
    """Of each column, the category as the one input that is 1.

    Rare categories share one input, `(other)`. What the train set does not have is there too, or all zeros
    where nothing is rare: an input that was 0 in all of training would have weights that nothing fitted.
    Likewise a missing cell where the train set misses none. The inputs stay 0 and 1, as is usual for
    networks: standardised, a category of share p would be an input of size 1 / sqrt(p), the larger the less
    is known of it.
    """

    description: OneHotDescription

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read."""
        return {it.column: ColumnKind.CATEGORICAL for it in self.description.columns}

    @property
    def input_names(self) -> tuple[str, ...]:
        """All columns', one after the other."""
        return tuple(name for it in self.description.columns for name in it.input_names)

    def arrays(self) -> Statistics:
        """Return nothing: all is in the description."""
        return {}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write a 1 for each cell's category."""
        read = self.description.columns
        return writer_of_ones(
            frame.select(_position(it) for it in read), n_inputs=tuple(len(it.input_names) for it in read)
        )

    @property
    def complete(self) -> tuple[str, ...]:
        """The columns that missed no cell in the train set."""
        return tuple(it.column for it in self.description.columns if not it.has_missing)

    def are_known(self, column: str, texts: pl.Series) -> NDArray[np.bool_]:
        """Tell of each text, none missing, whether it is a category of the column: (n_texts,)."""
        (read,) = (it for it in self.description.columns if it.column == column)
        return texts.is_in([*read.categories, *read.rare]).to_numpy()

    def unseen(self, frame: pl.DataFrame) -> dict[str, int]:
        """Count the cells, by column, that are in no category of the train set."""
        counts = frame.select(
            (_known(it).is_null() & pl.col(it.column).is_not_null()).sum().alias(it.column)
            for it in self.description.columns
        )
        return {name: int(count) for name, count in counts.row(0, named=True).items()}


def are_few(found: Categories, *, n_rows: int) -> bool:
    """Tell whether a column can do with an input for each frequent category.

    It can where these hold 9 in 10 of the train cells, and where it has no more categories than a hash has
    inputs.
    """
    n_covered = int(_frequent(found, n_rows=n_rows)["count"].sum())
    return len(found.names) <= N_BUCKETS or n_covered >= LEAST_COVERED * int(found.counts.sum())


def fit_one_hot(columns: Mapping[str, Categories], *, n_rows: int) -> tuple[OneHotColumns, dict[str, str]]:
    """Fit on the train set's categories; return also the columns left out, each with the reason.

    A category is frequent, and has an input, where a thousandth of the train rows are of it, or 100 of them,
    and two at least. Of more than may have inputs, the most frequent have them, of equally frequent ones the
    first as text.
    """
    kept, left_out = [], {}
    for name, found in columns.items():
        frequent = _frequent(found, n_rows=n_rows)["name"]
        rare = found.names.filter(~found.names.is_in(frequent.implode()))
        column = OneHotColumn(
            column=name,
            categories=tuple(frequent.sort()),
            rare=tuple(rare.sort()),
            has_missing=found.n_missing > 0,
        )
        if found.names.is_empty():
            left_out[name] = "every cell is missing in the train set"
        elif len(found.names) == 1 and not found.n_missing:
            left_out[name] = "constant in the train set"
        elif len(column.input_names) == 1:
            left_out[name] = f"no category has {least_rows(n_rows)} rows in the train set"
        else:
            kept.append(column)
    return OneHotColumns(OneHotDescription(columns=tuple(kept))), left_out


def _frequent(found: Categories, *, n_rows: int) -> pl.DataFrame:
    """Return the frequent categories and their counts."""
    most = most_inputs(MAX_CATEGORIES, n_rows=n_rows)
    counted = pl.DataFrame({"name": found.names, "count": found.counts})
    by_count = counted.sort("count", "name", descending=[True, False]).head(most)
    return by_count.filter(pl.col("count") >= least_rows(n_rows))


def least_rows(n_rows: int) -> int:
    """Return how many train rows a frequent category has."""
    return min(max(2, n_rows // 1000), 100)


def most_inputs(most: int, *, n_rows: int) -> int:
    """Return how many categories of a column may have an input each, in small tables so many."""
    return max(N_BUCKETS, min(most, MAX_CELLS // max(1, n_rows)))


def _known(read: OneHotColumn) -> pl.Expr:
    """Return each cell's place among the categories, then the rare ones; null if it is none of them."""
    return pl.col(read.column).cast(pl.Enum(read.categories + read.rare), strict=False).to_physical()


def _position(read: OneHotColumn) -> pl.Expr:
    n = len(read.categories)
    other = n if read.rare else None
    missing = len(read.input_names) - 1 if read.has_missing else None
    known = _known(read)
    return (
        pl.when(pl.col(read.column).is_null())
        .then(missing)
        .when(known < n)
        .then(known)
        .otherwise(other)
        .cast(pl.UInt16)
        .alias(read.column)
    )


class HashedColumn(BaseModel):
    """A column whose categories are hashed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Name of the column."""

    has_missing: bool
    """Whether missing cells have an input: where the train set has some."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The buckets', then `(missing)` where it is."""
        buckets = (f"{self.column} (hash {bucket} of {N_BUCKETS})" for bucket in range(1, N_BUCKETS + 1))
        return (*buckets, *(f"{self.column}={name}" for name in ("(missing)",) * self.has_missing))


class HashingDescription(BaseModel):
    """Which columns are hashed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["hashing"] = "hashing"
    """Tells the blocks of a transformation apart."""

    columns: tuple[HashedColumn, ...]
    """The columns, in the order of their inputs."""


@dataclass(frozen=True, slots=True, eq=False)
class HashedColumns(KnownByHash):
    """Of each column, one input of 64 is 1: the one that the category's hash leaves as a remainder.

    Categories that share an input pass for one; any category, seen or not, has one.

    Attributes
    ----------
    description
        Which columns.
    known
        Hashes of the train set's categories, ascending, a column: (n_categories,). They show what is unseen.

    References
    ----------
    Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009, without its signs: each row
    has a single category, so that nothing adds up.
    """

    description: HashingDescription
    known: tuple[NDArray[np.uint64], ...]

    @property
    def input_names(self) -> tuple[str, ...]:
        """All columns', one after the other."""
        return tuple(name for it in self.description.columns for name in it.input_names)

    def arrays(self) -> Statistics:
        """Return the hashes, by the column's place."""
        return {f"known_{j}": hashes for j, hashes in enumerate(self.known)}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write a 1 for each cell's hash."""
        columns = self.description.columns
        return writer_of_ones(
            pl.DataFrame([_bucket_of(frame[it.column], has_missing=it.has_missing) for it in columns]),
            n_inputs=tuple(len(it.input_names) for it in columns),
        )


def fit_hashing(columns: Mapping[str, Categories]) -> HashedColumns:
    """Fit on the train set's categories; the order of rows does not matter."""
    described = (
        HashedColumn(column=name, has_missing=found.n_missing > 0) for name, found in columns.items()
    )
    known = (np.unique(category_hashes(found.names)) for found in columns.values())
    return HashedColumns(HashingDescription(columns=tuple(described)), tuple(known))


def _bucket_of(cells: pl.Series, *, has_missing: bool) -> pl.Series:
    categories = cells.drop_nulls().unique()
    positions = replaced(cells, categories, category_hashes(categories) % np.uint64(N_BUCKETS))
    return positions.fill_null(N_BUCKETS) if has_missing else positions
