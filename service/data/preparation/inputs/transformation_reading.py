"""A transformation from its description and arrays, as they stand in a model's files."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import NumericEncoding, NumericScaling
from service.data.preparation.inputs.date_parts import DateParts, DatePartsDescription
from service.data.preparation.inputs.hashing import HashedColumns, HashingDescription
from service.data.preparation.inputs.numeric_columns import NumericColumns, NumericDescription, Scaling
from service.data.preparation.inputs.one_hot import OneHotColumns, OneHotDescription
from service.data.preparation.inputs.piecewise_linear import PiecewiseLinearEncoding
from service.data.preparation.inputs.quantile_scaling import QuantileScaling
from service.data.preparation.inputs.robust_scaling import RobustScaling
from service.data.preparation.inputs.standard_scaling import StandardScaling
from service.data.preparation.inputs.stored_arrays import StoredArrays
from service.data.preparation.inputs.target_statistics import (
    TargetStatisticsColumns,
    TargetStatisticsDescription,
)
from service.data.preparation.inputs.transformation import Block, Transformation
from service.data.preparation.inputs.transformation_description import (
    BlockDescription,
    TransformationDescription,
)


def read_transformation(
    description: TransformationDescription, arrays: Mapping[str, NDArray[np.generic]]
) -> Transformation:
    """Make a transformation that does, to the last bit, what the one described does.

    Raises
    ------
    ValueError
        When an array is missing, is one too many, or has not the type, shape and values that it is described
        to have; the message names it.
    """
    stored = StoredArrays(arrays)
    blocks = tuple(_block(described, stored.of(str(j))) for j, described in enumerate(description.blocks))
    stored.insist_all_were_taken()
    return Transformation(blocks, description.dropped)


def _block(described: BlockDescription, stored: StoredArrays) -> Block:
    match described:
        case NumericDescription():
            return NumericColumns(
                described,
                **{
                    name: stored.finite(name, len(described.columns))
                    for name in ("median", "lowest", "highest")
                },
                scaling=_scaling(described, stored.of("scaling")),
            )
        case OneHotDescription():
            return OneHotColumns(described)
        case HashingDescription():
            return HashedColumns(
                described, tuple(stored.hashes(f"known_{j}") for j in range(len(described.columns)))
            )
        case TargetStatisticsDescription():
            known = tuple(stored.hashes(f"known_{j}") for j in range(len(described.columns)))
            width = len(described.averaged) + 1
            statistics = tuple(
                stored.finite(f"statistics_{j}", len(hashes) + 1, width) for j, hashes in enumerate(known)
            )
            return TargetStatisticsColumns(described, known, statistics)
        case DatePartsDescription():
            return DateParts(described)


def _scaling(described: NumericDescription, stored: StoredArrays) -> Scaling:
    n_columns = len(described.columns)
    match described.scaling:
        case NumericScaling.STANDARD:
            return StandardScaling(stored.finite("mean", n_columns), stored.positive("deviation", n_columns))
        case NumericScaling.ROBUST:
            return RobustScaling(stored.finite("median", n_columns), stored.positive("spread", n_columns))
        case NumericScaling.QUANTILE:
            n_points = stored.counts("n_points", n_columns)
            quantiles = stored.ascending("half_quantiles", n_points)
            return QuantileScaling(quantiles, stored.finite("scores", len(quantiles)), n_points)
        case NumericEncoding.PIECEWISE_LINEAR:
            n_edges = stored.counts("n_edges", n_columns)
            return PiecewiseLinearEncoding(stored.ascending("half_edges", n_edges), n_edges)
