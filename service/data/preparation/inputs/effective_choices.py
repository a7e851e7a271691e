"""Which choices make a difference to a table: those that make none need no inputs of their own."""

from collections.abc import Mapping

import polars as pl

from search_spaces.hyperparameters import InputChoices, NumericEncoding
from service.data.preparation.inputs.one_hot import MAX_CATEGORIES
from service.tables.column_kinds import ColumnKind


def effective_choices(
    frame: pl.DataFrame, *, kinds: Mapping[str, ColumnKind], choices: InputChoices
) -> InputChoices:
    """Return the choices, with the default in place of each that is not read for these train rows.

    Scaling is not read where numbers have a piecewise-linear encoding; neither is where no column is numeric;
    the encoding of very many categories is not where no column has so many. Choices that become the same give
    the same inputs.
    """
    default = InputChoices()
    columns = {
        kind: [name for name in frame.columns if kinds.get(name) is kind]
        for kind in (ColumnKind.NUMERIC, ColumnKind.CATEGORICAL)
    }
    if not columns[ColumnKind.NUMERIC]:
        choices = choices._replace(
            numeric_scaling=default.numeric_scaling, numeric_encoding=default.numeric_encoding
        )
    if choices.numeric_encoding is not NumericEncoding.PLAIN:
        choices = choices._replace(numeric_scaling=default.numeric_scaling)
    if all(frame[name].drop_nulls().n_unique() <= MAX_CATEGORIES for name in columns[ColumnKind.CATEGORICAL]):
        choices = choices._replace(high_cardinality_encoding=default.high_cardinality_encoding)
    return choices
