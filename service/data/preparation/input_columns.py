"""Which of a table's columns each input is made of."""

from collections.abc import Sequence

from service.data.preparation.inputs.date_parts import DateParts
from service.data.preparation.inputs.hashing import HashedColumns
from service.data.preparation.inputs.numeric_columns import NumericColumns
from service.data.preparation.inputs.one_hot import OneHotColumns
from service.data.preparation.inputs.piecewise_linear import PiecewiseLinearEncoding
from service.data.preparation.inputs.transformation import Block


def columns_of_block(block: Block) -> tuple[str, ...]:
    """Return the column of each of a block's inputs, in their order."""
    match block:
        case NumericColumns():
            read, scaling = block.description, block.scaling
            widths = (
                [n - 1 for n in scaling.n_edges.tolist()]
                if isinstance(scaling, PiecewiseLinearEncoding)
                else [1] * len(read.columns)
            )
            return (*_repeated(read.columns, widths), *read.indicators)
        case DateParts():
            parts = block.description.parts
            return _repeated([part.column for part in parts], [2] * len(parts))  # sine and cosine
        case OneHotColumns() | HashedColumns():
            columns = block.description.columns
            return _repeated([it.column for it in columns], [len(it.input_names) for it in columns])
        case _:
            described = block.description
            n_always = len(described.averaged) + 1  # the means, and the log-frequency
            return _repeated(
                [it.column for it in described.columns],
                [n_always + it.has_missing for it in described.columns],
            )


def _repeated(columns: Sequence[str], widths: Sequence[int]) -> tuple[str, ...]:
    return tuple(
        column for column, width in zip(columns, widths, strict=True) for column in (column,) * width
    )
