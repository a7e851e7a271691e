"""Inputs of columns that are read as numbers, as nodes."""

from collections.abc import Mapping

import numpy as np

from service.data.preparation.inputs.numeric_columns import LARGEST, NumericColumns
from service.tables.column_kinds import ColumnKind
from service.winner.models.onnx_export.scaling_nodes import scaled
from service.winner.models.onnx_export.tensor_graph import Tensor, side_by_side

_SECONDS_A_DAY = 86_400


def numeric_inputs(block: NumericColumns, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Fill, scale and tell what is missing: float32 (n_examples, n_inputs), in the order of the inputs.

    Parameters
    ----------
    block
        What was fitted.
    columns
        The raw columns, by name.
    """
    read = block.description
    inputs = []
    if read.columns:
        X = side_by_side([columns[name] for name in read.columns])
        if read.kind is ColumnKind.DATE:
            X = X / _SECONDS_A_DAY
        Z = scaled(_filled(X, block), block.scaling)
        inputs.append(Z.clip(-LARGEST, LARGEST).cast(np.float32))
    if read.indicators:
        told = side_by_side([columns[name] for name in read.indicators])
        inputs.append(told.is_nan().cast(np.float32))
    return inputs


def _filled(X: Tensor, block: NumericColumns) -> Tensor:
    """Replace what is no finite number."""
    X = X.is_nan().chosen(block.median, X)
    X = X.apply("IsInf", dtype=np.bool_, detect_positive=0).chosen(block.lowest, X)
    return X.apply("IsInf", dtype=np.bool_, detect_negative=0).chosen(block.highest, X)
