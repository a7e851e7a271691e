"""What was understood of each column, by the known examples alone."""

from collections.abc import Mapping

import polars as pl
from pydantic import BaseModel, ConfigDict

from service.tables.column_inference import ToldTable
from service.tables.column_kinds import LEARNED_FROM, ColumnKind
from service.tables.columns import categories
from service.tables.csv_cells import LONGEST_SHOWN

N_VALUES_SHOWN = 3


class ColumnFacts(BaseModel):
    """A column in words and numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Its name."""

    kind: ColumnKind
    """What it holds."""

    is_said: bool
    """Whether the user says so; otherwise its cells told it."""

    is_learned_from: bool
    """Whether inputs are made of it."""

    reason: str
    """Why it is taken for that, where it may surprise."""

    missing: int
    """Known examples without a value."""

    distinct: int
    """Different values among the known examples."""

    values: tuple[str, ...]
    """Some of them, the first to come."""


def column_facts(
    known: pl.DataFrame, told: ToldTable, *, said: Mapping[str, ColumnKind]
) -> tuple[ColumnFacts, ...]:
    """Tell the facts of all columns but the target.

    Parameters
    ----------
    known
        The cells of the known examples.
    told
        What each column holds, and the values of those that are learned from.
    said
        What the user says of columns, by name.
    """
    return tuple(
        _facts(known[column.name], told, column.kind, reason, is_said=column.name in said)
        for column, reason in told.columns
    )


def _facts(cells: pl.Series, told: ToldTable, kind: ColumnKind, reason: str, *, is_said: bool) -> ColumnFacts:
    texts = categories(cells)
    values = told.values[cells.name] if kind in LEARNED_FROM else texts
    present = values.drop_nulls()
    shown = texts.drop_nulls().head(1000).unique(maintain_order=True).head(N_VALUES_SHOWN)
    return ColumnFacts(
        name=cells.name,
        kind=kind,
        is_said=is_said,
        is_learned_from=kind in LEARNED_FROM,
        reason=reason,
        missing=len(values) - len(present),
        distinct=present.n_unique(),
        values=tuple(
            text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…" for text in shown
        ),
    )
