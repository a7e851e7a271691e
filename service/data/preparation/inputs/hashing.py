"""Inputs of categorical columns with very many categories: each falls into one of 64, by its hash."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.data.preparation.inputs.categories import (
    Categories,
    KnownByHash,
    category_hashes,
    replaced,
)
from service.data.preparation.inputs.input_block import RowWriter, Statistics
from service.data.preparation.inputs.one_hot import writer_of_ones

N_BUCKETS = 64


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
        Hashes of the train set's categories, ascending, a column: (n_categories,). They tell what is unseen.

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
            pl.DataFrame([_position(frame[it.column], has_missing=it.has_missing) for it in columns]),
            n_inputs=tuple(len(it.input_names) for it in columns),
        )


def fit_hashing(columns: Mapping[str, Categories]) -> HashedColumns:
    """Fit on the train set's categories; the order of rows does not matter."""
    described = (
        HashedColumn(column=name, has_missing=found.n_missing > 0) for name, found in columns.items()
    )
    known = (np.unique(category_hashes(found.names)) for found in columns.values())
    return HashedColumns(HashingDescription(columns=tuple(described)), tuple(known))


def _position(cells: pl.Series, *, has_missing: bool) -> pl.Series:
    categories = cells.drop_nulls().unique()
    positions = replaced(cells, categories, category_hashes(categories) % np.uint64(N_BUCKETS))
    return positions.fill_null(N_BUCKETS) if has_missing else positions
