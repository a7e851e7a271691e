"""Dates, with or without a time of day, in cells of text: one format a column."""

import polars as pl

FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d-%m-%Y",
    "%Y%m%d",
    "%b %d, %Y",
    "%d %b %Y",
)
"""In the order in which they are tried: where days and months may be told either way, months come first."""

_SAMPLE = 200
_DIGITS_ALONE = "%Y%m%d"  # eight digits are a number before they are a date, unless the user says so
_LEAST_SHARE = 0.9


def told_format(cells: pl.Series) -> str | None:
    """Return the format that most cells of a column of dates have; None where it is no such column.

    It is one where nine cells of ten are dates, in whatever formats.

    Parameters
    ----------
    cells
        Those that are not missing (n,).
    """
    sample = cells if len(cells) <= _SAMPLE else cells.gather_every(len(cells) // _SAMPLE)
    is_date = pl.repeat(value=False, n=len(sample), eager=True)
    best, most = None, 0
    for written in FORMATS:
        if written == _DIGITS_ALONE:
            continue
        fits = dates(sample, written).is_not_null()
        is_date |= fits
        if int(fits.sum()) > most:
            best, most = written, int(fits.sum())
    return best if int(is_date.sum()) >= _LEAST_SHARE * len(sample) else None


def dates(cells: pl.Series, written: str | None) -> pl.Series:
    """Read each cell as a point in time, Datetime in microseconds (n,); null where it is none, or is missing.

    Parameters
    ----------
    cells
        Text, or what a typed file has for dates (n,).
    written
        The format of text, by the marks of C's `strftime`.
    """
    if cells.dtype.is_temporal():
        if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None:
            cells = cells.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return cells.cast(pl.Datetime("us"))
    if written is None:
        return pl.Series(cells.name, [None] * len(cells), dtype=pl.Datetime("us"))
    stripped = cells.str.strip_chars()
    if "%H" in written:
        return stripped.str.to_datetime(written, strict=False, time_unit="us")
    return stripped.str.to_date(written, strict=False).cast(pl.Datetime("us"))
