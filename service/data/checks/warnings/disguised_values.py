"""Numbers and dates that stand for something else: sentinels for missing cells, and codes.

References
----------
Pearson, R. K. (2006). The problem of disguised missing data. ACM SIGKDD Explorations 8(1).
"""

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from service.data.checks.column_facts import ColumnFacts
from service.data.checks.warnings.columns import LEAST_DISTINCT_SHARE, are_even_whole_numbers
from service.data.checks.warnings.data_warning import Concern, DataWarning, columns_line
from service.data.checks.warnings.known_data import KnownData
from service.tables.column_kinds import ColumnKind
from service.tables.said_column import toml_key

NINES = tuple(float("9" * n_digits) for n_digits in range(2, 11))
SENTINEL_NUMBERS = (*NINES, *(-nines for nines in NINES), -88.0, -888.0, -8888.0, 88888.0)
"""Numbers that people write where they have none."""

SENTINEL_DATES = (
    *(date(year, 12, 31) for year in (2099, 2199, 2999, 9998, 9999)),
    *(date(year, 1, 1) for year in (1753, 1800, 1900, 1970, 2999, 9999)),
    date(1899, 12, 30),
    date(1899, 12, 31),
)
"""Dates that databases and spreadsheets store for a missing date."""

FEWEST_CELLS = 2
"""One cell may be an honest outlier."""

MUCH_MORE_FREQUENT = 10
"""Times as many cells as any other value has."""


def sentinels(data: KnownData) -> Iterator[DataWarning]:
    """Warn of numbers such as -999 and dates such as 9999-12-31 that are far from all others, or frequent."""
    for column in data.columns:
        found: Mapping[float, int] | Mapping[str, int]
        if column.kind is ColumnKind.NUMERIC:
            found = _far_numbers(data.values[column.name])
        elif column.kind is ColumnKind.DATE:
            found = _far_dates(data.values[column.name])
        else:
            continue
        for value, n_cells in found.items():
            text = value if isinstance(value, str) else f"{value:.15g}"
            in_toml = f'"{text}"' if isinstance(value, str) else text
            yield DataWarning(
                about=Concern.SENTINEL,
                column=column.name,
                sentence=f"is {text} in {n_cells:,} of {len(data):,} rows, beyond all its other values",
                remedy="if it stands for a missing cell,"
                f" [columns] {toml_key(column.name)} = {{ missing = [{in_toml}] }}",
            )


def _far_numbers(values: pl.Series) -> Mapping[float, int]:
    return _far(values.filter(values.is_finite()), SENTINEL_NUMBERS)


def _far_dates(values: pl.Series) -> Mapping[str, int]:
    days = values.drop_nulls().dt.date().cast(pl.Int32).cast(pl.Float64)
    epoch = date(1970, 1, 1)
    names = {float((it - epoch).days): it.isoformat() for it in SENTINEL_DATES}
    return {names[day]: n_cells for day, n_cells in _far(days, tuple(names)).items()}


def _far(present: pl.Series, candidates: tuple[float, ...]) -> dict[float, int]:
    """Count the candidates that lie farther from all other values than these span.

    Also those that lie beyond all others, and are far more frequent than any of them.
    """
    is_candidate = present.is_in(list(candidates))
    others = present.filter(~is_candidate)
    if not is_candidate.any() or others.is_empty():
        return {}
    low, high = float(others.min() or 0), float(others.max() or 0)  # type: ignore[arg-type] # Float64 has these
    counts = present.filter(is_candidate).rename("value").value_counts().sort("value")
    usual = int(others.value_counts(name="n")["n"].max() or 0)  # type: ignore[arg-type] # a count
    found = {}
    for value, n_cells in counts.iter_rows():
        distance = max(low - value, value - high)
        is_far = n_cells >= FEWEST_CELLS and distance > max(high - low, 1)
        if is_far or (distance > 0 and n_cells >= MUCH_MORE_FREQUENT * usual):
            found[value] = n_cells
    return found


SMALLEST_CODE = 10_000.0
"""Four digits are years, fewer are counts."""

LEAST_RANGE = 0.5
"""Of the numbers with so many digits, the share that codes range over."""


def code_like(data: KnownData) -> Iterator[DataWarning]:
    """Warn of whole numbers that all have as many digits, five or more, and are spread evenly over these.

    Numbers of rows and drawn ids, others in nearly every row, are ids.
    """
    for column in data.columns:
        if column.kind is ColumnKind.NUMERIC and not column.is_said and _is_code_like(column, data):
            yield DataWarning(
                about=Concern.CODES,
                column=column.name,
                sentence=(
                    "is read as a number, but its numbers all have the same number of digits and are"
                    " spread evenly, like codes"
                ),
                remedy=f"if they are names, {columns_line(column.name, ColumnKind.CATEGORICAL)}",
            )


def _is_code_like(column: ColumnFacts, data: KnownData) -> bool:
    n_present = len(data) - column.missing
    values = data.values[column.name].drop_nulls()
    low, high = values.min(), values.max()
    if not (isinstance(low, float) and isinstance(high, float) and SMALLEST_CODE <= low < high):
        return False
    size = 10.0 ** (len(f"{low:.0f}") - 1)
    if high >= 10 * size or high - low < LEAST_RANGE * 9 * size:
        return False
    return column.distinct < LEAST_DISTINCT_SHARE * n_present and are_even_whole_numbers(values)
