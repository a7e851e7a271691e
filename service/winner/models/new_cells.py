"""What cells to predict have that the train set did not: counted by column, and in sentences."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from search_spaces.counted import counted
from service.data.inputs.transformation import Transformation
from service.data.preparation.preparation import Preparation
from service.tables.cells import shown
from service.tables.columns import LenientFrame

_LONGEST_CODE = 14
"""Digits of the longest codes that are looked for: those of trade items."""

_MOST_LOOKED_AT = 1000
"""Unseen numbers of a column that are asked whether zeros in front make them known."""


@dataclass(frozen=True, slots=True)
class NewCells:
    """What was found; a column without findings is in none of the mappings.

    Attributes
    ----------
    n_unseen
        Cells by column whose category the train set did not have.
    n_missing
        Missing cells by column, of columns that missed none in the train set.
    n_unread
        Cells by column that do not fit the column's kind; `predict` refuses the first of them.
    codes
        By column, a category that begins with 0, where numbers stand now that have lost such zeros.
    """

    n_unseen: Mapping[str, int] = field(default_factory=dict)
    n_missing: Mapping[str, int] = field(default_factory=dict)
    n_unread: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: "NewCells") -> "NewCells":
        """Join what was found in some rows with what was found in others."""
        return NewCells(
            n_unseen=dict(Counter(self.n_unseen) + Counter(other.n_unseen)),
            n_missing=dict(Counter(self.n_missing) + Counter(other.n_missing)),
            n_unread=dict(Counter(self.n_unread) + Counter(other.n_unread)),
            codes={**other.codes, **self.codes},
        )

    def without(self, columns: Collection[str]) -> "NewCells":
        """Return the same but for the missing cells of some columns."""
        return replace(self, n_missing={n: count for n, count in self.n_missing.items() if n not in columns})

    @property
    def sentences(self) -> tuple[str, ...]:
        """Notes for people; empty if all is as in the train set."""
        counted = (
            ("categories that the train set does not have", self.n_unseen),
            ("missing cells in columns that have none in the train set", self.n_missing),
            ("cells that do not fit their column's kind", self.n_unread),
        )
        return (
            *(f"{what}: {_by_column(counts)}" for what, counts in counted if counts),
            *(
                f"column {shown(name)} holds numbers, where the train set has codes such as {shown(code)}:"
                " keep them as text (pandas reads them so with dtype=str)"
                for name, code in self.codes.items()
            ),
        )


def find_new_cells(preparations: Sequence[Preparation], cells: pl.DataFrame, read: LenientFrame) -> NewCells:
    """Find out what rows have that the train set did not.

    Parameters
    ----------
    preparations
        What was fitted on the train set, or on each of its parts; what one of them has seen is not new.
    cells
        The rows' cells as they stand in their table.
    read
        The same, read as the columns that were learned from.
    """
    transformations = [each.transformation for each in preparations]
    unseen = _found(_unseen(transformations, read.frame))
    complete = set(transformations[0].complete).intersection(*(each.complete for each in transformations))
    missing = {
        name: read.frame[name].null_count() - read.n_faulty.get(name, 0)
        for name in transformations[0].complete
        if name in complete
    }
    codes = {
        name: code
        for name in unseen
        if cells[name].dtype.is_numeric() and (code := _code(transformations, read.frame[name])) is not None
    }
    return NewCells(n_unseen=unseen, n_missing=_found(missing), n_unread=_found(read.n_faulty), codes=codes)


def _found(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _unseen(transformations: Sequence[Transformation], frame: pl.DataFrame) -> dict[str, int]:
    """Count the cells, by column, whose category none has seen that reads the column."""
    first, *others = [each.unseen(frame) for each in transformations]
    if not others:
        return first
    counts = {}
    for name in dict.fromkeys(name for of_one in (first, *others) for name in of_one):
        if all(of_one.get(name, 1) for of_one in (first, *others)):
            texts = frame[name].drop_nulls()
            counts[name] = int((~_are_known(transformations, texts)).sum())
    return counts


def _are_known(transformations: Sequence[Transformation], texts: pl.Series) -> NDArray[np.bool_]:
    """Tell of each text, none missing, whether any has it among a column's categories: (n_texts,)."""
    known = [each.are_known(texts.name, texts) for each in transformations if texts.name in each.kinds]
    among_any: NDArray[np.bool_] = np.logical_or.reduce(known)
    return among_any


def _code(transformations: Sequence[Transformation], numbers: pl.Series) -> str | None:
    """Return a category of the train set that some unseen number is without its zeros; None for none."""
    distinct = numbers.drop_nulls().unique().sort()
    unseen = distinct.filter(~pl.Series(_are_known(transformations, distinct))).head(_MOST_LOOKED_AT)
    for n_digits in range(2, _LONGEST_CODE + 1):
        padded = unseen.filter(unseen.str.len_chars() < n_digits).str.zfill(n_digits)
        known = padded.filter(pl.Series(_are_known(transformations, padded), dtype=pl.Boolean))
        if len(known):
            return str(known[0])
    return None


def _by_column(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{shown(name)} in {counted(count, 'row')}" for name, count in counts.items())
