"""Columns of Python objects as cells: what is all numbers becomes typed, and all else text, as in a file."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import inf, nan
from numbers import Integral, Real
from typing import Any

import numpy as np
import polars as pl

from search_spaces.counted import counted
from service.python.user_warnings import warn
from service.tables.cells import shown
from service.tables.plain_types import nested_cells

_SECONDS = np.timedelta64(1, "s")
_MIDNIGHT = datetime(1970, 1, 1)  # noqa: DTZ001 (dates here are UTC, and say no zone)


class _Kind(Enum):
    """What a cell is, by its type."""

    TEXT = "a text"
    BOOLEAN = "a truth value"
    WHOLE = "a whole number"
    NUMBER = "a number"
    DATE = "a date"
    TIME = "a time of day"
    DURATION = "a duration"
    OTHER = "anything that has a text"


def object_cells(name: str, cells: list[Any]) -> pl.Series:
    """Return a column's objects as cells; None, NaN and pandas' NA and NaT are missing.

    Numbers become Int64 or Float64, truth values Boolean, times of day points of 1970-01-01, and durations
    seconds.
    All else becomes text, of which the known examples tell the kind: dates as ISO 8601 writes them, in UTC
    where they have a time zone, and columns of several kinds.

    Parameters
    ----------
    name
        The column's name.
    cells
        Its objects (n,).

    Raises
    ------
    ValueError
        A cell is nested, binary or complex, or of an unknown type.

    Warns
    -----
    ProctorWarning
        Whole numbers need more than 64 bits, and are rounded.
    """
    types = set(map(type, cells))
    if types <= {str, type(None)}:
        return pl.Series(name, cells, dtype=pl.String)
    kind_of = {each: _kind(each, name) for each in types if each is not type(None)}
    present = [None if is_missing(cell, name) else cell for cell in cells]
    kinds = {kind_of[each] for each in set(map(type, present)) if each is not type(None)}
    if kinds <= {_Kind.WHOLE, _Kind.NUMBER} and kinds:
        return _numbers(name, present, are_whole=kinds == {_Kind.WHOLE})
    if len(kinds) == 1 and (typed := _TYPED.get(next(iter(kinds)))) is not None:
        dtype, value = typed
        return pl.Series(name, [None if cell is None else value(cell) for cell in present], dtype=dtype)
    has_times = any(isinstance(cell, datetime | np.datetime64) for cell in present)
    return pl.Series(
        name,
        [None if cell is None else _text(cell, kind_of[type(cell)], has_times=has_times) for cell in present],
        dtype=pl.String,
    )


def nested(name: str, noun: str) -> ValueError:
    """Say that a column's cells are no single values.

    Parameters
    ----------
    name
        The column's name.
    noun
        What it holds, in the plural.
    """
    return ValueError(nested_cells(name, noun))


def complex_numbers(name: str) -> ValueError:
    """Say that a column's numbers are complex, in words that scikit-learn's checks ask for."""
    return ValueError(f"Complex data not supported: expected real numbers (column {shown(name)})")


_NESTED: Mapping[type, str] = {
    dict: "dicts",
    tuple: "tuples",
    set: "sets",
    frozenset: "sets",
    np.ndarray: "arrays",
    bytes: "binary data",
    bytearray: "binary data",
    memoryview: "binary data",
}


def _kind(of: type, name: str) -> _Kind:
    """Tell what cells of a type are.

    Raises
    ------
    ValueError
        They are no single values.
    """
    for types, kind in _KINDS:
        if issubclass(of, types):
            return kind
    if issubclass(of, complex | np.complexfloating):
        raise complex_numbers(name)
    if issubclass(of, Collection):
        raise nested(name, next((noun for each, noun in _NESTED.items() if issubclass(of, each)), "lists"))
    return _Kind.OTHER


_KINDS: tuple[tuple[Any, _Kind], ...] = (
    (str, _Kind.TEXT),
    (bool | np.bool_, _Kind.BOOLEAN),
    (timedelta | np.timedelta64, _Kind.DURATION),  # NumPy's are integers, too
    (Integral, _Kind.WHOLE),
    (Real | Decimal, _Kind.NUMBER),
    (date | np.datetime64, _Kind.DATE),
    (time, _Kind.TIME),
)


def is_missing(cell: Any, name: str) -> bool:  # noqa: ANN401 (any object)
    """Tell whether a cell is missing: NaN and NaT are not what they are, and of NA that is not available."""
    if cell is None:
        return True
    try:
        differs = cell != cell  # noqa: PLR0124 (see above)
        is_na = differs is cell and not isinstance(cell, bool | np.bool_)
        return is_na or bool(differs)
    except Exception as error:
        raise ValueError(
            f"expected a number, a text or a date in each cell, got {type(cell).__name__} (column"
            f" {shown(name)})"
        ) from error


def _numbers(name: str, cells: list[Any], *, are_whole: bool) -> pl.Series:
    if are_whole:
        whole = [None if cell is None else int(cell) for cell in cells]
        present = [cell for cell in whole if cell is not None]
        lowest, highest = min(present), max(present)
        for dtype, low, high in ((pl.Int64, -(2**63), 2**63), (pl.UInt64, 0, 2**64)):
            if low <= lowest and highest < high:
                return pl.Series(name, whole, dtype=dtype)
        if n_long := sum(not -(2**63) <= cell < 2**64 for cell in present):
            warn_of_long_numbers(name, n_long)
    return pl.Series(name, [nan if cell is None else _float(cell) for cell in cells]).fill_nan(None)


def warn_of_long_numbers(name: str, n_cells: int) -> None:
    """Say how many of a column's whole numbers are rounded to floats."""
    rows = counted(n_cells, "row")
    warn(f"whole numbers of more than 64 bits are rounded to floats: {shown(name)} in {rows}")


def _float(number: Any) -> float:  # noqa: ANN401 (any real number)
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


def _seconds(duration: Any) -> float:  # noqa: ANN401 (a duration of any library)
    return float(duration / _SECONDS) if isinstance(duration, np.timedelta64) else duration.total_seconds()


def _on_the_first_day(of_day: time) -> datetime:
    return datetime.combine(_MIDNIGHT, of_day.replace(tzinfo=None))


_TYPED: Mapping[_Kind, tuple[Any, Callable[[Any], object]]] = {
    _Kind.BOOLEAN: (pl.Boolean, bool),
    _Kind.DURATION: (pl.Float64, _seconds),
    _Kind.TIME: (pl.Datetime("us"), _on_the_first_day),
}


def _text(cell: Any, kind: _Kind, *, has_times: bool) -> str:  # noqa: ANN401 (any object)
    """Return a cell as it would stand in a file; dates alike with a time of day where any has one."""
    match kind:
        case _Kind.BOOLEAN:
            return "true" if cell else "false"
        case _Kind.NUMBER:
            number = _float(cell)
            return str(int(number)) if number.is_integer() else str(cell)
        case _Kind.DATE:
            return _date_text(cell, has_times=has_times)
        case _:
            return str(cell)


def _date_text(cell: Any, *, has_times: bool) -> str:  # noqa: ANN401 (a date of any library)
    if isinstance(cell, np.datetime64):
        cell = cell.astype("datetime64[us]").item()
    if isinstance(cell, datetime) and (offset := cell.utcoffset()) is not None:
        cell = cell.replace(tzinfo=None) - offset
    if has_times and not isinstance(cell, datetime):
        cell = datetime.combine(cell, time())
    text: str = cell.isoformat()
    return text
