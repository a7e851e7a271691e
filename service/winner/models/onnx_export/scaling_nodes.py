"""How numbers are scaled, as nodes: the operations of `preparation`, in float64 and in their order."""

import numpy as np

from service.data.preparation.inputs.numeric_columns import Scaling
from service.data.preparation.inputs.piecewise_linear import PiecewiseLinearEncoding
from service.data.preparation.inputs.quantile_scaling import QuantileScaling
from service.data.preparation.inputs.robust_scaling import FARTHEST, RobustScaling
from service.data.preparation.inputs.standard_scaling import StandardScaling
from service.winner.models.onnx_export.interpolation_nodes import interpolated
from service.winner.models.onnx_export.tensor_graph import Tensor


def scaled(X: Tensor, scaling: Scaling) -> Tensor:
    """Scale finite numbers X (n_examples, n_columns), float64; infinities may come of it."""
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
