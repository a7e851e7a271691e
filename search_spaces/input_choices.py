"""Which inputs are made from a table's columns, where a search may choose."""

from enum import StrEnum
from typing import NamedTuple


class NumericScaling(StrEnum):
    """How numeric columns are brought to one scale, by the train set's statistics."""

    STANDARD = "standard"
    ROBUST = "robust"
    QUANTILE = "quantile"


class NumericEncoding(StrEnum):
    """What the network reads of a numeric column."""

    PLAIN = "plain"
    PIECEWISE_LINEAR = "piecewise_linear"


class HighCardinalityEncoding(StrEnum):
    """What the network reads of a categorical column with too many categories for an input each."""

    HASHING = "hashing"
    TARGET_STATISTICS = "target_statistics"


class InputChoices(NamedTuple):
    """The hyperparameters that decide which inputs are made from a table's columns."""

    numeric_scaling: NumericScaling = NumericScaling.STANDARD
    numeric_encoding: NumericEncoding = NumericEncoding.PLAIN
    high_cardinality_encoding: HighCardinalityEncoding = HighCardinalityEncoding.HASHING
