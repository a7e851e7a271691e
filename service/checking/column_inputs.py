"""How many inputs each column becomes, and why some become none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from search_spaces.hyperparameters import HighCardinalityEncoding, InputChoices, NumericEncoding
from service.preparation.inputs.categories import count_categories
from service.preparation.inputs.date_parts import fit_date_parts
from service.preparation.inputs.hashing import fit_hashing
from service.preparation.inputs.numeric_columns import NumericKind, fit_numeric_columns
from service.preparation.inputs.one_hot import MAX_CATEGORIES, fit_one_hot
from service.preparation.inputs.out_of_fold_means import Targets
from service.preparation.inputs.target_statistics import fit_target_statistics
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column

_NUMERIC_KINDS: tuple[NumericKind, ...] = (
    ColumnKind.IMAGE,
    ColumnKind.NUMERIC,
    ColumnKind.BOOLEAN,
    ColumnKind.DATE,
)


class ColumnInputs(NamedTuple):
    """The number of inputs by column, and the reason of each column that is left out of them."""

    counts: Mapping[str, int]
    left_out: Mapping[str, str]


class TrainSet(NamedTuple):
    """What is fitted on: the columns' values, and the targets as `fit_transformation` takes them."""

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
    names = {kind: [it.name for it in columns if it.kind is kind] for kind in ColumnKind}
    counts, left_out = _numeric(train.values, names, choices)
    if dates := names[ColumnKind.DATE]:
        for read in fit_date_parts(train.values, dates).description.parts:
            counts[read.column] += 2
    found = {name: count_categories(train.values, name) for name in names[ColumnKind.CATEGORICAL]}
    few = {name: categories for name, categories in found.items() if len(categories.names) <= MAX_CATEGORIES}
    one_hot, dropped = fit_one_hot(few, n_rows=train.values.height)
    counts |= {it.column: len(it.input_names) for it in one_hot.description.columns}
    many = {name: categories for name, categories in found.items() if name not in few}
    if choices.high_cardinality_encoding is HighCardinalityEncoding.HASHING:
        counts |= {it.column: len(it.input_names) for it in fit_hashing(many).description.columns}
    else:
        for name, categories in many.items():
            fitted, _ = fit_target_statistics(
                train.values, {name: categories}, targets=train.targets, seed=seed
            )
            counts[name] = len(fitted.input_names)
    return ColumnInputs(counts, left_out | dropped)


def _numeric(
    values: pl.DataFrame, names: Mapping[ColumnKind, Sequence[str]], choices: InputChoices
) -> tuple[Counter[str], dict[str, str]]:
    counts: Counter[str] = Counter()
    left_out: dict[str, str] = {}
    for kind in _NUMERIC_KINDS:
        if kind is ColumnKind.NUMERIC and choices.numeric_encoding is not NumericEncoding.PLAIN:
            for name in names[kind]:  # bins differ in number, and a block of several does not tell whose
                fitted, dropped = fit_numeric_columns(values, [name], kind=kind, choices=choices)
                counts[name] = len(fitted.input_names)
                left_out |= dropped
        elif names[kind]:
            fitted, dropped = fit_numeric_columns(values, names[kind], kind=kind, choices=choices)
            counts.update((*fitted.description.columns, *fitted.description.indicators))
            left_out |= dropped
    return counts, left_out
