"""What a transformation makes of raw columns, as nodes: block by block, in the order of the inputs.

Numbers are scaled in float64, and interpolated. Of categories each text is looked up once. The parts of dates
come from a calendar in whole days, which float64 holds exactly.
"""

from collections.abc import Collection, Mapping

import numpy as np

from service.data.inputs.categories import category_hash
from service.data.inputs.category_codes import CategoryCodes
from service.data.inputs.date_days import DateDays
from service.data.inputs.date_parts import DAYS_A_YEAR, DatePart, DateParts, RawDateParts
from service.data.inputs.input_block import MICROSECONDS_A_DAY
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
from service.data.inputs.one_hot import HashedColumns, OneHotColumn, OneHotColumns
from service.data.inputs.raw_numbers import RawNumbers
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.data.inputs.transformation import Block, Transformation
from service.errors import BadInputError
from service.tables.column_kinds import ColumnKind
from service.tables.header import listed
from service.winner.models.onnx_export.tensor_graph import LABELS_DOMAIN, Tensor, side_by_side


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
        A column's categories are hashed: ONNX cannot do that. Or its inputs are raw: no network reads those.
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
            return _numeric_inputs(block, columns)
        case DateParts():
            return _date_inputs(block, columns)
        case DateDays():
            return _day_inputs(block, columns)
        case OneHotColumns():
            return _one_hot_inputs(block, columns)
        case TargetStatisticsColumns():
            return _target_statistics_inputs(block, columns, categories)
        case HashedColumns():
            raise _hashing_refusal(block)
        case RawNumbers() | RawDateParts() | CategoryCodes():
            raise BadInputError(
                "--onnx: expected the inputs of a network, got raw ones, which only trees read"
            )


def _interpolated(half_X: Tensor, scaling: QuantileScaling) -> Tensor:
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


def _scaled(X: Tensor, scaling: Scaling) -> Tensor:
    """Scale finite numbers X (n_examples, n_columns), float64; the result may be infinite."""
    match scaling:
        case StandardScaling():
            return (X * 0.5).shifted(-scaling.mean / 2) / (scaling.deviation / 2)
        case RobustScaling():
            return _robust(X, scaling)
        case QuantileScaling():
            return _interpolated(X * 0.5, scaling)
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


def _numeric_inputs(block: NumericColumns, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Fill, scale and mark what is missing: float32 (n_examples, n_inputs), in the order of the inputs.

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
        Z = _scaled(_filled(X, block), block.scaling)
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


_MISSING = ""


def _one_hot_inputs(block: OneHotColumns, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Return the inputs of each column, 0 or 1: float32 (n_examples, n_inputs of the column)."""
    return [_one_hot(it, columns[it.column]) for it in block.description.columns]


def _target_statistics_inputs(
    block: TargetStatisticsColumns, columns: Mapping[str, Tensor], categories: Mapping[str, Collection[str]]
) -> list[Tensor]:
    """Return the inputs of each column: float32 (n_examples, n_inputs of the column).

    Parameters
    ----------
    block
        What was fitted; it has the hashes of categories, not their texts.
    columns
        The raw columns, by name.
    categories
        Texts of the train set's categories, by the column's name; others may be among them.

    Raises
    ------
    ValueError
        A category of the train set is not among them.
    """
    inputs = []
    fitted = zip(block.description.columns, block.known, block.tables(), strict=True)
    for described, known, table in fitted:
        places = {int(known_hash): place for place, known_hash in enumerate(known)}
        by_text = {text: places.get(category_hash(text)) for text in sorted(categories[described.column])}
        rows = {text: row for text, row in by_text.items() if row is not None}
        if len(set(rows.values())) < len(known):
            raise ValueError(
                f"expected a text for each category of the train set, got {len(rows)} of {len(known)} (column"
                f" {described.column!r})"
            )
        other, missing = len(known), len(known) + 1
        row = _looked_up(columns[described.column], rows | {_MISSING: missing}, elsewhere=other)
        statistics = row.graph.constant(table)
        flat = row.apply("Reshape", row.graph.constant(np.array([-1])))
        inputs.append(statistics.apply("Gather", flat))
    return inputs


def _hashing_refusal(block: HashedColumns) -> BadInputError:
    """Say why there is no graph of hashed columns."""
    names = listed(tuple(it.column for it in block.description.columns))
    return BadInputError(
        "--onnx: ONNX has no operator for the hash of a category; a study with the constant"
        f' high_cardinality_encoding = "target_statistics" can be exported (hashed: {names})'
    )


def _one_hot(read: OneHotColumn, texts: Tensor) -> Tensor:
    n_inputs, n = len(read.input_names), len(read.categories)
    nowhere = n_inputs  # an input that is not there: the row stays all zeros
    other = n if read.rare else nowhere
    positions = {category: position for position, category in enumerate(read.categories)}
    positions |= dict.fromkeys(read.rare, other)
    positions[_MISSING] = n_inputs - 1 if read.has_missing else nowhere
    position = _looked_up(texts, positions, elsewhere=other)
    return position.equals(np.arange(n_inputs)[np.newaxis]).cast(np.float32)


def _looked_up(texts: Tensor, numbers: Mapping[str, int], *, elsewhere: int) -> Tensor:
    """Return the number of each text, int64 (n_examples, 1)."""
    return texts.apply(
        "LabelEncoder",
        dtype=np.int64,
        domain=LABELS_DOMAIN,
        keys_strings=list(numbers),
        values_int64s=list(numbers.values()),
        default_int64=elsewhere,
    )


_MICROSECONDS_A_SECOND = 1e6
_THURSDAY = 3
"""Days from a Monday to 1970-01-01's day of the week."""

_FIRST_DAY, _LAST_DAY = -96_465_292, 95_026_236
"""What days of the year are known of, in days since 1970: the years -262143 to 262142."""


def _date_inputs(block: DateParts, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Return sines and cosines of each part: float32 (n_examples, n_harmonics) each, as inputs are ordered.

    Parameters
    ----------
    block
        Which parts.
    columns
        The raw columns, by name: seconds since 1970, float64.
    """
    inputs = []
    for read in block.description.parts:
        microseconds = columns[read.column] * _MICROSECONDS_A_SECOND
        angle = _turns(microseconds, read.part) * (2 * np.pi)
        angles = angle * np.arange(1.0, read.harmonics + 1)[np.newaxis]
        for function in ("Sin", "Cos"):
            value = angles.apply(function)
            inputs.append(value.is_nan().chosen(0.0, value).cast(np.float32))
    return inputs


def _day_inputs(block: DateDays, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Return the inputs of each column, 0 or 1: float32 (n_examples, n_days of the column).

    Parameters
    ----------
    block
        Which days.
    columns
        The raw columns, by name: seconds since 1970, float64.
    """
    inputs = []
    for read in block.description.columns:
        day = _floor(columns[read.column] / _SECONDS_A_DAY)
        inputs.append(day.equals(np.array(read.days, dtype=np.float64)[np.newaxis]).cast(np.float32))
    return inputs


def _turns(microseconds: Tensor, part: DatePart) -> Tensor:
    """Return the angle in turns, NaN where missing."""
    days = _floor(microseconds / MICROSECONDS_A_DAY)
    match part:
        case DatePart.DAY_OF_YEAR:
            return _day_of_year(days) / DAYS_A_YEAR
        case DatePart.WEEKDAY:
            return _remainder(days + _THURSDAY, 7) / 7
        case DatePart.TIME_OF_DAY:
            return (microseconds - days * MICROSECONDS_A_DAY) / MICROSECONDS_A_DAY


def _day_of_year(days: Tensor) -> Tensor:
    """Return the day of the year, 0 to 365, of days since 1970; NaN where no calendar goes.

    Years are counted from March on, so that February's last day is a year's last, in cycles of 400 years
    that are all alike.

    References
    ----------
    Richards, "Calendars", in Urban and Seidelmann, "Explanatory Supplement to the Astronomical Almanac",
    3rd edition, 2013, section 15.11; Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013.
    """
    day_of_cycle = _remainder(days + 719_468, 146_097)  # cycles begin with 0000-03-01
    leap_days = _floor(day_of_cycle / 1460) - _floor(day_of_cycle / 36_524) + _floor(day_of_cycle / 146_096)
    year = _floor((day_of_cycle - leap_days) / 365)  # 0 to 399
    from_march = day_of_cycle - (year * 365 + _floor(year / 4) - _floor(year / 100))
    is_leap = _begins(year, 4) - _begins(year, 100) + _begins(year, 400)
    from_january = from_march + is_leap + 59
    known = (from_march >= 306).chosen(from_march - 306, from_january)
    known = (days >= _LAST_DAY + 1).chosen(np.nan, known)
    return (days >= _FIRST_DAY).chosen(known, days * np.nan)


def _begins(year: Tensor, n_years: int) -> Tensor:
    """Return 1 where a period of that many years begins, 0 elsewhere."""
    return _floor(year / n_years) - _floor((year - 1) / n_years)


def _remainder(whole: Tensor, divisor: int) -> Tensor:
    """Return the remainder of whole numbers, from 0 to below the divisor."""
    return whole - _floor(whole / divisor) * divisor


def _floor(tensor: Tensor) -> Tensor:
    return tensor.apply("Floor")
