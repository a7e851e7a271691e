"""What cells to predict have that the train set did not: counted by column, and in sentences."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from search_spaces.counted import counted
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


def find_new_cells(preparation: Preparation, cells: pl.DataFrame, read: LenientFrame) -> NewCells:
    """Find out what rows have that the train set did not.

    Parameters
    ----------
    preparation
        What was fitted on the train set.
    cells
        The rows' cells as they stand in their table.
    read
        The same, read as the columns that were learned from.
    """
    transformation = preparation.transformation
    unseen = _found(transformation.unseen(read.frame))
    missing = {
        name: read.frame[name].null_count() - read.n_faulty.get(name, 0) for name in transformation.complete
    }
    codes = {
        name: code
        for name in unseen
        if cells[name].dtype.is_numeric() and (code := _code(preparation, read.frame[name])) is not None
    }
    return NewCells(n_unseen=unseen, n_missing=_found(missing), n_unread=_found(read.n_faulty), codes=codes)


def _found(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _code(preparation: Preparation, numbers: pl.Series) -> str | None:
    """Return a category of the train set that some unseen number is without its zeros; None for none."""
    transformation, name = preparation.transformation, numbers.name
    distinct = numbers.drop_nulls().unique().sort()
    unseen = distinct.filter(~pl.Series(transformation.are_known(name, distinct))).head(_MOST_LOOKED_AT)
    for n_digits in range(2, _LONGEST_CODE + 1):
        padded = unseen.filter(unseen.str.len_chars() < n_digits).str.zfill(n_digits)
        known = padded.filter(pl.Series(transformation.are_known(name, padded), dtype=pl.Boolean))
        if len(known):
            return str(known[0])
    return None


def _by_column(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{shown(name)} in {counted(count, 'row')}" for name, count in counts.items())
