"""Inputs of dates' parts, as nodes: a calendar in whole days, which float64 holds exactly."""

from collections.abc import Mapping

import numpy as np

from service.data.inputs.date_parts import DAYS_A_YEAR, DatePart, DateParts
from service.data.inputs.input_block import MICROSECONDS_A_DAY
from service.winner.models.onnx_export.tensor_graph import Tensor

_MICROSECONDS_A_SECOND = 1e6
_THURSDAY = 3
"""Days from a Monday to 1970-01-01's day of the week."""

_FIRST_DAY, _LAST_DAY = -96_465_292, 95_026_236
"""What days of the year are known of, in days since 1970: the years -262143 to 262142."""


def date_inputs(block: DateParts, columns: Mapping[str, Tensor]) -> list[Tensor]:
    """Return sine and cosine of each part: float32 (n_examples, 1) each, in the order of the inputs.

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
        for function in ("Sin", "Cos"):
            value = angle.apply(function)
            inputs.append(value.is_nan().chosen(0.0, value).cast(np.float32))
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
