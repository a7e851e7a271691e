"""Which of a table's columns each input is made of, and the texts behind hashed categories."""

from collections.abc import Sequence

from service.configuration.study_config import StudyConfig
from service.data.inputs.categories import count_categories
from service.data.inputs.category_codes import CategoryCodes
from service.data.inputs.date_days import DateDays
from service.data.inputs.date_parts import DateParts, RawDateParts
from service.data.inputs.numeric_columns import NumericColumns, PiecewiseLinearEncoding
from service.data.inputs.one_hot import HashedColumns, OneHotColumns
from service.data.inputs.raw_numbers import RawNumbers
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.data.inputs.transformation import Block, Transformation
from service.data.preparation.prepared_data import read_and_split


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
            return _repeated([part.column for part in parts], [len(part.input_names) for part in parts])
        case RawDateParts():
            return tuple(part.column for part in block.description.parts)  # an input each
        case RawNumbers() | CategoryCodes():
            return tuple(block.kinds)  # an input each
        case DateDays() | OneHotColumns() | HashedColumns():
            columns = block.description.columns
            return _repeated([it.column for it in columns], [len(it.input_names) for it in columns])
        case TargetStatisticsColumns():
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


def known_categories(config: StudyConfig, transformations: Sequence[Transformation]) -> dict[str, list[str]]:
    """Return the categories of the known examples, of each column that has target statistics in any.

    The study's tables are read again where there is such a column; the test set stays sealed.

    Raises
    ------
    BadInputError
        A table can no longer be read.
    """
    names = dict.fromkeys(
        it.column
        for transformation in transformations
        for block in transformation.blocks
        if isinstance(block, TargetStatisticsColumns)
        for it in block.description.columns
    )
    if not names:
        return {}
    _, _, told = read_and_split(config)
    return {name: count_categories(told.values, name).names.to_list() for name in names}
