"""Inputs of categorical columns that are codes, for models that take categories as such."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.data.inputs.categories import Categories, KnownByHash, category_hashes, places, replaced
from service.data.inputs.input_block import Rows, RowWriter, Statistics

MAX_CODES = 254
"""Categories with a code of their own; all others share one more.

scikit-learn's histogram gradient boosting takes 255 categories a column at most.
"""

_MISSING = 255
"""In place of a code that is none."""


class CodedColumn(BaseModel):
    """A column whose categories have codes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Name of the column."""

    has_missing: bool
    """Whether the train set has missing cells."""


class CategoryCodesDescription(BaseModel):
    """Which columns have codes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["category_codes"] = "category_codes"
    """Tells the blocks of a transformation apart."""

    columns: tuple[CodedColumn, ...]
    """The columns, in the order of their inputs."""


@dataclass(frozen=True, slots=True, eq=False)
class CategoryCodes(KnownByHash):
    """Of each column, the rank of the cell's category by frequency, from 0; NaN where it is missing.

    Of more than 254 categories the rarest share the code 254, so that a model learns what rare ones are like.
    A category that the train set does not have is rare, too, and has that code. Where none is shared, no code
    tells anything of it: it is NaN, and goes where missing cells go, as scikit-learn does with it.

    Attributes
    ----------
    description
        Which columns.
    known
        Hashes of the train set's categories, ascending, a column: (n_categories,).
    ranks
        Their ranks from 0, the most frequent first, and of equally frequent ones the first as text:
        (n_categories,) a column.
    """

    description: CategoryCodesDescription
    known: tuple[NDArray[np.uint64], ...]
    ranks: tuple[NDArray[np.int64], ...]

    @property
    def input_names(self) -> tuple[str, ...]:
        """One a column."""
        return tuple(it.column for it in self.description.columns)

    @property
    def n_codes(self) -> tuple[int, ...]:
        """Codes of each column, 255 at most: (n_columns,)."""
        return tuple(min(len(known), MAX_CODES + 1) for known in self.known)

    def arrays(self) -> Statistics:
        """Return hashes and ranks, by the column's place."""
        hashes = {f"known_{j}": known for j, known in enumerate(self.known)}
        return {**hashes, **{f"ranks_{j}": ranks for j, ranks in enumerate(self.ranks)}}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write each cell's code."""
        fitted = zip(self.description.columns, self.known, self.ranks, strict=True)
        codes = [_codes(frame[it.column], known, ranks) for it, known, ranks in fitted]
        inputs_by_code = np.append(np.arange(_MISSING, dtype=np.float32), np.float32(np.nan))

        def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
            for j, code in enumerate(codes):
                inputs[:, j] = inputs_by_code[code[rows]]

        return write


def fit_category_codes(columns: Mapping[str, Categories]) -> tuple[CategoryCodes, dict[str, str]]:
    """Fit on the train set's categories; return also the columns left out, each with the reason.

    The order of rows does not matter.
    """
    described, known, ranks, left_out = [], [], [], {}
    for name, found in columns.items():
        if reason := _reason_left_out(found):
            left_out[name] = reason
            continue
        counted = pl.DataFrame({"name": found.names, "count": found.counts})
        by_rank = counted.sort("count", "name", descending=[True, False])["name"]
        hashes, first = np.unique(category_hashes(by_rank), return_index=True)
        described.append(CodedColumn(column=name, has_missing=found.n_missing > 0))
        known.append(hashes)
        ranks.append(first.argsort().argsort())  # those of one hash are one category
    codes = CategoryCodes(CategoryCodesDescription(columns=tuple(described)), tuple(known), tuple(ranks))
    return codes, left_out


def _reason_left_out(found: Categories) -> str:
    """Say why nothing can be learned from a column; empty where something may be."""
    if found.names.is_empty():
        return "every cell is missing in the train set"
    if found.n_missing:
        return ""
    if len(found.names) == 1:
        return "constant in the train set"
    return "" if (found.counts > 1).any() else "no category has 2 rows in the train set"


def _codes(cells: pl.Series, known: NDArray[np.uint64], ranks: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the code of each cell, 255 for none: (n_rows,)."""
    elsewhere = MAX_CODES if len(known) > MAX_CODES else _MISSING
    code = np.append(np.minimum(ranks, MAX_CODES), elsewhere)
    categories = cells.drop_nulls().unique()
    found = replaced(cells, categories, code[places(category_hashes(categories), known)])
    codes: NDArray[np.uint8] = found.fill_null(_MISSING).cast(pl.UInt8).to_numpy()
    return codes
