"""A made world: the law that its records come from, how a table of them is spoiled, and what a study is told.

A law draws records, each a row with its target. A file may hold some of its records more than once. The truth
about a model is its figure on fresh records, which are drawn from the law and never copied.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workers.metrics.metric import Metric

TARGET = "target"
"""Name of the column that is predicted, in every world."""

Law = Callable[[np.random.Generator, int], pl.DataFrame]
"""Draws so many records."""

Copying = Callable[[np.random.Generator, int], NDArray[np.int64]]
"""Of so many records, says which one each row of the file is of."""


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A table as a file would hold it.

    Attributes
    ----------
    frame
        Its rows.
    records
        Which record each row is of: rows of one record are copies (n_rows,).
    """

    frame: pl.DataFrame
    records: NDArray[np.int64]


def once(rng: np.random.Generator, n_records: int) -> NDArray[np.int64]:
    """Have each record in the file once."""
    del rng  # nothing is drawn
    return np.arange(n_records)


@dataclass(frozen=True)
class World:
    """One world.

    Attributes
    ----------
    name
        Its name on the command line and in the table.
    trap
        What an audit could stumble over here, in a sentence.
    metric
        What its studies are chosen by and judged by.
    law
        Draws a table's records.
    fresh_law
        Draws the records for the truth; the same law, or one that gives the same figure from fewer rows.
    n_records
        Records in a table.
    copying
        Which records the file holds more than once.
    told
        What a study of it is told beside its table, as in a study file.
    """

    name: str
    trap: str
    metric: Metric
    law: Law
    n_records: int
    fresh_law: Law | None = None
    copying: Copying = once
    told: Mapping[str, Any] = field(default_factory=dict)

    def table(self, seed: int) -> MadeTable:
        """Draw the table of one study."""
        rng = self._generator(seed, purpose="table")
        records = self.copying(rng, self.n_records)
        return MadeTable(self.law(rng, self.n_records)[records], records)

    def fresh(self, seed: int, n_rows: int) -> pl.DataFrame:
        """Draw records that no table has, for the truth about one study's model."""
        law = self.law if self.fresh_law is None else self.fresh_law
        return law(self._generator(seed, purpose="fresh"), n_rows)

    def _generator(self, seed: int, *, purpose: str) -> np.random.Generator:
        words = [int.from_bytes(word.encode()) for word in (self.name, purpose)]
        return np.random.default_rng(np.random.SeedSequence([seed, *words]))
