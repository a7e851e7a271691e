"""What a transformation makes of raw columns, as nodes: block by block, in the order of the inputs."""

from collections.abc import Collection, Mapping

from service.data.inputs.date_parts import DateParts
from service.data.inputs.numeric_columns import NumericColumns
from service.data.inputs.one_hot import HashedColumns, OneHotColumns
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.data.inputs.transformation import Block, Transformation
from service.winner.models.onnx_export.category_nodes import (
    hashing_refusal,
    one_hot_inputs,
    target_statistics_inputs,
)
from service.winner.models.onnx_export.date_nodes import date_inputs
from service.winner.models.onnx_export.numeric_nodes import numeric_inputs
from service.winner.models.onnx_export.tensor_graph import Tensor, side_by_side


def network_inputs(
    transformation: Transformation,
    columns: Mapping[str, Tensor],
    categories: Mapping[str, Collection[str]],
) -> Tensor:
    """Return the network's inputs, float32 (n_examples, n_inputs).

    Parameters
    ----------
    transformation
        What was fitted.
    columns
        The raw columns, by name.
    categories
        Of each column that has target statistics, the texts of the train set's categories.

    Raises
    ------
    BadInputError
        A column's categories are hashed: ONNX cannot do that.
    ValueError
        A category is missing.
    """
    return side_by_side(
        [part for block in transformation.blocks for part in _inputs(block, columns, categories)]
    )


def _inputs(
    block: Block, columns: Mapping[str, Tensor], categories: Mapping[str, Collection[str]]
) -> list[Tensor]:
    """Return a block's inputs in their order, float32 (n_examples, some of them) each."""
    match block:
        case NumericColumns():
            return numeric_inputs(block, columns)
        case DateParts():
            return date_inputs(block, columns)
        case OneHotColumns():
            return one_hot_inputs(block, columns)
        case TargetStatisticsColumns():
            return target_statistics_inputs(block, columns, categories)
        case HashedColumns():
            raise hashing_refusal(block)
