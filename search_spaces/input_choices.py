"""Which inputs and targets are made from a table's columns, where a search may choose."""

from enum import StrEnum
from typing import NamedTuple


class NumericScaling(StrEnum):
    """How numeric columns are brought to one scale, by the train set's statistics."""

    STANDARD = "standard"
    ROBUST = "robust"
    QUANTILE = "quantile"


class NumericEncoding(StrEnum):
    """What is read of a numeric column."""

    PLAIN = "plain"
    PIECEWISE_LINEAR = "piecewise_linear"


class HighCardinalityEncoding(StrEnum):
    """What is read of a categorical column with too many categories for an input each."""

    HASHING = "hashing"
    TARGET_STATISTICS = "target_statistics"


class DateEncoding(StrEnum):
    """What is read of a column of dates.

    Attributes
    ----------
    PLAIN
        Elapsed days as a scaled number, and a point on a circle for the day of the year, the weekday and the
        time of day.
    FINE
        Elapsed days piecewise linearly, and several harmonics of these circles.
    DAILY
        As fine, and an input for each day, where train rows share their days.
    """

    PLAIN = "plain"
    FINE = "fine"
    DAILY = "daily"


class TargetScale(StrEnum):
    """What a regression learns of its target; predictions and figures are in the target's unit either way."""

    STANDARD = "standard"
    LOG = "log"


class Representation(StrEnum):
    """In what form a kind of model reads columns. No hyperparameter: each kind has its own.

    Attributes
    ----------
    SCALED
        As networks do: finite numbers of about one size.
    RAW
        As trees do: numbers as they are, NaN where a cell is missing, categories as codes.
    """

    SCALED = "scaled"
    RAW = "raw"


class InputChoices(NamedTuple):
    """What decides which inputs are made from a table's columns, and which targets.

    The first four are hyperparameters of those models that read scaled inputs; raw ones have no such choice.
    The last is one of all models, and is always `standard` in classification.
    """

    numeric_scaling: NumericScaling = NumericScaling.STANDARD
    numeric_encoding: NumericEncoding = NumericEncoding.PLAIN
    high_cardinality_encoding: HighCardinalityEncoding = HighCardinalityEncoding.HASHING
    date_encoding: DateEncoding = DateEncoding.PLAIN
    representation: Representation = Representation.SCALED
    target_scale: TargetScale = TargetScale.STANDARD
