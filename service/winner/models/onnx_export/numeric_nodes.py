"""Inputs of columns that are read as numbers, as nodes: scaled in float64, interpolated."""

from collections.abc import Mapping

import numpy as np

from service.data.inputs.numeric_columns import (
    FARTHEST,
    LARGEST,
    NumericColumns,
    PiecewiseLinearEncoding,
    QuantileScaling,
    RobustScaling,
    Scaling,
    StandardScaling,
)
from service.tables.column_kinds import ColumnKind
from service.winner.models.onnx_export.tensor_graph import Tensor, side_by_side


def interpolated(half_X: Tensor, scaling: QuantileScaling) -> Tensor:
    """Interpolate the scores of cells between a column's quantiles; outside, that of the last holds.

    All columns' quantiles stand in one table, of equal width a column: those that lack some have infinity in
    their places, which no cell comes any part of the way to. Each step of the search looks one power of 2
    further, for all cells at once: 1000 quantiles take 10 steps, and no array has an axis of quantiles.

    Parameters
    ----------
    half_X
        Half of the cells, finite float64 (n_examples, n_columns).
    scaling
        The quantiles and scores.
    """
    n_steps = int(scaling.n_points.max()).bit_length()
    width = 2**n_steps + 1
    shape = (len(scaling.n_points), width)
    is_point = np.arange(width) < scaling.n_points[:, np.newaxis]
    quantiles, scores = np.full(shape, np.inf), np.zeros(shape)
    quantiles[is_point] = scaling.half_quantiles
    scores[is_point] = scaling.scores
    table, of_scores = half_X.graph.constant(quantiles.ravel()), half_X.graph.constant(scores.ravel())

    place = half_X.graph.constant(np.arange(len(scaling.n_points))[np.newaxis] * width)
    for step in range(n_steps - 1, -1, -1):
        further = place + 2**step
        place = (half_X >= table.apply("Gather", further)).chosen(further, place)
    lower, upper = table.apply("Gather", place), table.apply("Gather", place + 1)
    share = ((half_X - lower) / (upper - lower)).clip(0, 1)
    score, next_score = of_scores.apply("Gather", place), of_scores.apply("Gather", place + 1)
    return score + share * (next_score - score)


def scaled(X: Tensor, scaling: Scaling) -> Tensor:
    """Scale finite numbers X (n_examples, n_columns), float64; the result may be infinite."""
    match scaling:
        case StandardScaling():
            return (X * 0.5).shifted(-scaling.mean / 2) / (scaling.deviation / 2)
        case RobustScaling():
            return _robust(X, scaling)
        case QuantileScaling():
            return interpolated(X * 0.5, scaling)
        case PiecewiseLinearEncoding():
            return _piecewise_linear(X, scaling)


def _robust(X: Tensor, scaling: RobustScaling) -> Tensor:
    Z = ((X * 0.5).shifted(-scaling.median / 2) / (scaling.spread / 2)).clip(-FARTHEST, FARTHEST)
    third = Z / 3
    return Z / (third * third + 1).apply("Sqrt")


def _piecewise_linear(X: Tensor, scaling: PiecewiseLinearEncoding) -> Tensor:
    """Repeat each column once a bin, then encode all bins at once."""
    n_edges = scaling.n_edges
    ends = np.cumsum(n_edges)
    starts = np.delete(scaling.half_edges, ends - 1)  # a bin's, in the order of the inputs
    widths = np.delete(scaling.half_edges, ends - n_edges) - starts
    column = X.graph.constant(np.repeat(np.arange(len(n_edges)), n_edges - 1))
    repeated = (X * 0.5).apply("Gather", column, axis=1)
    return (repeated.shifted(-starts) / widths).clip(0, 1) * 2 - 1


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
