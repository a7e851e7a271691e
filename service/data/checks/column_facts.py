"""How each column is read, from the known examples alone."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict

from search_spaces.input_choices import InputChoices
from service.data.inputs.target_statistics import Targets
from service.data.inputs.transformation import fit_blocks
from service.data.preparation.input_columns import columns_of_block
from service.tables.cells import LONGEST_SHOWN, is_missing
from service.tables.column_inference import InferredTable
from service.tables.column_kinds import LEARNED_FROM, ColumnKind
from service.tables.columns import Column, categories


class ColumnInputs(NamedTuple):
    """The number of inputs by column, and the reason of each column that is left out of them."""

    counts: Mapping[str, int]
    left_out: Mapping[str, str]


class TrainSet(NamedTuple):
    """The data to fit on: the columns' values, and the targets as `fit_transformation` takes them."""

    values: pl.DataFrame
    targets: Targets


def column_inputs(
    train: TrainSet, columns: Sequence[Column], *, choices: InputChoices, seed: int
) -> ColumnInputs:
    """Fit on the train set what decides the number of inputs, and make none.

    Parameters
    ----------
    train
        The train set.
    columns
        Those that are learned from.
    choices
        Which encodings.
    seed
        Of the folds of target statistics.
    """
    kinds = {column.name: column.kind for column in columns}
    fitted, _ = fit_blocks(train.values, kinds=kinds, targets=train.targets, choices=choices, seed=seed)
    counts = Counter(column for block in fitted.blocks for column in columns_of_block(block))
    return ColumnInputs(counts, fitted.dropped)


N_VALUES_SHOWN = 3

_ROWS_LOOKED_THROUGH = 1000
"""Rows in which values to be shown are looked for; all rows where these have none."""

_USES: Mapping[ColumnKind, str] = {
    ColumnKind.IGNORE: "ignored, as requested",
    ColumnKind.ID: "an id tells nothing about new examples",
    ColumnKind.GROUP: "it keeps the examples of a group in one set",
    ColumnKind.TIME: "it puts later examples into dev and test set",
}
"""Why columns of these kinds are not learned from."""


class ColumnFacts(BaseModel):
    """A column in words and numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str
    """Its name."""

    kind: ColumnKind
    """What it holds."""

    is_said: bool
    """Whether the user declared it; otherwise it was inferred from the cells."""

    is_learned_from: bool
    """Whether it has inputs."""

    reason: str
    """Why it has that kind, if that may surprise; else empty."""

    n_inputs: int
    """Its inputs at the point that is tried first."""

    left_out: str
    """Why it has no inputs; empty if it has some."""

    missing: int
    """Known examples without a value."""

    distinct: int
    """Different values among the known examples."""

    values: tuple[str, ...]
    """Some of them, the first to come."""


def column_facts(
    known: Iterable[pl.Series], told: InferredTable, *, said: Mapping[str, ColumnKind], inputs: ColumnInputs
) -> tuple[ColumnFacts, ...]:
    """Tell the facts of all columns but the target.

    Parameters
    ----------
    known
        The cells of the known examples, a column after another.
    told
        What each column holds, and the values of those that are learned from.
    said
        What the user declares about columns, by name.
    inputs
        What they become.
    """
    n_inputs = Counter({column.source: 0 for column in told.learned_from})
    for column in told.learned_from:
        n_inputs[column.source] += inputs.counts.get(column.name, 0)
    facts = []
    for cells, (column, reason) in zip(known, told.columns, strict=True):
        name = column.name
        values = told.values[name] if column.kind in LEARNED_FROM else categories(cells)
        n_missing = values.null_count()
        facts.append(
            ColumnFacts(
                name=name,
                kind=column.kind,
                is_said=name in said,
                is_learned_from=column.kind in LEARNED_FROM,
                reason=reason,
                n_inputs=n_inputs[name],
                left_out=_USES.get(column.kind) or inputs.left_out.get(name, ""),
                missing=n_missing,
                distinct=values.n_unique() - (n_missing > 0),
                values=_some_values(cells),
            )
        )
    return tuple(facts)


def _some_values(cells: pl.Series) -> tuple[str, ...]:
    """Return the first distinct values as they stand in the table, long ones shortened."""
    present = _present(cells.head(_ROWS_LOOKED_THROUGH))
    if present.is_empty():
        present = _present(cells).head(_ROWS_LOOKED_THROUGH)
    texts = categories(present).drop_nulls().unique(maintain_order=True).head(N_VALUES_SHOWN)
    return tuple(text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…" for text in texts)


def _present(cells: pl.Series) -> pl.Series:
    return cells.filter(~is_missing(cells) if cells.dtype == pl.String else cells.is_not_null())
