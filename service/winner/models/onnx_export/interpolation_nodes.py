"""Linear interpolation between points, as nodes: a binary search with its steps written out."""

import numpy as np

from service.data.preparation.inputs.quantile_scaling import QuantileScaling
from service.winner.models.onnx_export.tensor_graph import Tensor


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
