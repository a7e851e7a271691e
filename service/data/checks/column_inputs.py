"""How many inputs each column becomes, and why some become none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from search_spaces.hyperparameters import InputChoices
from service.data.preparation.input_columns import columns_of_block
from service.data.preparation.inputs.out_of_fold_means import Targets
from service.data.preparation.inputs.transformation import fit_blocks
from service.tables.columns import Column


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
    kinds = {column.name: column.kind for column in columns}
    fitted, _ = fit_blocks(train.values, kinds=kinds, targets=train.targets, choices=choices, seed=seed)
    counts = Counter(column for block in fitted.blocks for column in columns_of_block(block))
    return ColumnInputs(counts, fitted.dropped)
