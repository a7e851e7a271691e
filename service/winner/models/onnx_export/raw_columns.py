"""The inputs of the graph: a tensor a column, as the cells stand in a table."""

from collections.abc import Mapping

import numpy as np

from service.tables.column_kinds import ColumnKind
from service.winner.models.onnx_export.tensor_graph import Tensor, TensorGraph

_MEANINGS = {
    ColumnKind.NUMERIC: "a number; NaN where missing",
    ColumnKind.IMAGE: "a number; NaN where missing",
    ColumnKind.BOOLEAN: "1 where true, 0 where false; NaN where missing",
    ColumnKind.DATE: "seconds since 1970-01-01T00:00:00; NaN where missing",
    ColumnKind.CATEGORICAL: "a category, without spaces around it; empty where missing",
}


def add_raw_columns(graph: TensorGraph, kinds: Mapping[str, ColumnKind]) -> dict[str, Tensor]:
    """Add an input (n_examples, 1) for each column, named as the column is.

    Categories are texts; all else is float64, since float32 has no place for the seconds of a date.

    Parameters
    ----------
    graph
        Where they are added.
    kinds
        The columns that are read, each with its kind.
    """
    return {
        name: graph.add_input(
            name, np.object_ if kind is ColumnKind.CATEGORICAL else np.float64, meaning=_MEANINGS[kind]
        )
        for name, kind in kinds.items()
    }
