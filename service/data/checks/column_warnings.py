"""Columns to see to, and numbers and dates in them that stand for something else.

Columns may be constant, ids, groups, have many categories, heavy tails, or dates that split nothing. Values
may be sentinels for missing cells, or codes.

References
----------
Pearson, R. K. (2006). The problem of disguised missing data. ACM SIGKDD Explorations 8(1).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import polars as pl

from search_spaces.input_choices import (
    HighCardinalityEncoding,
    NumericEncoding,
    NumericScaling,
    Representation,
)
from service.data.checks.column_facts import ColumnFacts
from service.data.checks.data_warning import Concern, DataWarning, KnownData, columns_line
from service.data.inputs.transformation import has_many_categories
from service.tables.cells import numbers
from service.tables.column_inference import FEWEST_IDS
from service.tables.column_kinds import ColumnKind
from service.tables.said_column import toml_key


def constant_columns(data: KnownData) -> Iterator[DataWarning]:
    """Warn of columns that are left out because their train cells are all the same, or all missing."""
    for column in data.columns:
        if column.is_learned_from and column.left_out:
            yield DataWarning(
                about=Concern.CONSTANT,
                column=column.name,
                sentence=f"is left out: {column.left_out}",
                remedy="nothing to do, unless the file should hold more",
            )


LEAST_DISTINCT_SHARE = 0.9
"""Of the cells with a value; groups of rows have fewer."""

MOST_UNEVEN = 0.1
"""How far the quartiles of row numbers lie from the quarters of their range, as a share of it."""


def id_like(data: KnownData) -> Iterator[DataWarning]:
    """Warn of ids: of those left out, which may say something, and of those learned from, which should not.

    A column of text looks like one where its values are others in nearly every row; a column of numbers where
    they are whole, too, and as even as numbers of rows or drawn ids are: counts and amounts crowd somewhere.
    """
    for column in data.columns:
        if column.kind is ColumnKind.ID and not column.is_said:
            line = columns_line(column.name, _otherwise(column))
            yield DataWarning(
                about=Concern.ID,
                column=column.name,
                sentence=f"is not learned from: {column.reason}",
                remedy=f"if it does tell something about new examples, {line}",
            )
        elif not column.is_said and _is_id_like(column, data):
            noun = "text" if column.kind is ColumnKind.CATEGORICAL else "whole number"
            yield DataWarning(
                about=Concern.ID,
                column=column.name,
                sentence=f"is learned from, but has a different {noun} in nearly every row, as ids have",
                remedy=f"if it only names the rows, {columns_line(column.name, ColumnKind.ID)}",
            )


def _otherwise(column: ColumnFacts) -> ColumnKind:
    """Return the kind of a column read as an id, if it is not an id."""
    is_text = numbers(pl.Series(column.values, dtype=pl.String)).has_nulls()
    return ColumnKind.CATEGORICAL if is_text else ColumnKind.NUMERIC


def _is_id_like(column: ColumnFacts, data: KnownData) -> bool:
    n_present = len(data) - column.missing
    if n_present < FEWEST_IDS or column.distinct < LEAST_DISTINCT_SHARE * n_present:
        return False
    if column.kind is ColumnKind.CATEGORICAL:
        return True
    return column.kind is ColumnKind.NUMERIC and _are_even_whole_numbers(data.values[column.name])


def _are_even_whole_numbers(values: pl.Series) -> bool:
    """Tell whether numbers are whole, and their quartiles near the quarters of their range."""
    cells = values.drop_nulls()
    if not (cells.is_finite() & (cells == cells.floor())).all():
        return False
    quantiles = np.quantile(cells.to_numpy() / 2, np.linspace(0, 1, 5))  # halves: their range is finite
    shares = (quantiles - quantiles[0]) / (quantiles[-1] - quantiles[0])
    return bool(np.abs(shares - np.linspace(0, 1, 5)).max() <= MOST_UNEVEN)


FEWEST_GROUPS = 10
"""Of fewer the sets would be made of one or two."""

FEWEST_TEXTS = 20
MOST_ROWS_OF_A_TEXT = 50
"""On average: categories have more rows."""

_WORD_OF_ITS_OWN = re.compile(r"(^|[\W_])(id|uuid|guid)$", re.IGNORECASE | re.ASCII)
_CAMEL_CASE = re.compile(r"[a-z0-9](Id|ID)$", re.ASCII)


def group_like(data: KnownData) -> Iterator[DataWarning]:
    """Offer to keep together the rows that share an id, or a text with 2 to 50 rows, in one set.

    A model may know the ones it learned from by heart; on new ones it is then worse than on the dev set. Sets
    are split by groups or by time, so nothing is offered where one of these is given.
    """
    if data.column_of(ColumnKind.GROUP) or data.column_of(ColumnKind.TIME):
        return
    for column in data.columns:
        n_present = len(data) - column.missing
        if _is_group_like(column, n_present=n_present):
            yield DataWarning(
                about=Concern.GROUP,
                column=column.name,
                sentence=(
                    f"has {column.distinct:,} values in {n_present:,} rows, like names of persons or shops"
                ),
                remedy="if you will predict for new ones, " + columns_line(column.name, ColumnKind.GROUP),
            )


def _is_group_like(column: ColumnFacts, *, n_present: int) -> bool:
    if column.is_said or column.kind not in {ColumnKind.CATEGORICAL, ColumnKind.NUMERIC}:
        return False
    if has_name_of_ids(column.name):
        return FEWEST_GROUPS <= column.distinct < LEAST_DISTINCT_SHARE * n_present
    fewest = max(FEWEST_TEXTS, n_present / MOST_ROWS_OF_A_TEXT)
    return column.kind is ColumnKind.CATEGORICAL and fewest <= column.distinct <= n_present / 2


def has_name_of_ids(name: str) -> bool:
    """Return whether a column is called as ids are: `id`, `shop_id`, `shopId`, but not `paid` or `grid`."""
    return _WORD_OF_ITS_OWN.search(name) is not None or _CAMEL_CASE.search(name) is not None


_IN_WORDS = {
    HighCardinalityEncoding.HASHING: "some share an input, by their hash",
    HighCardinalityEncoding.TARGET_STATISTICS: "each is represented by its mean target",
}


def many_categories(data: KnownData) -> Iterator[DataWarning]:
    """Warn of columns with too many categories for an input each, unless both encodings of such are searched.

    Models that read raw columns have codes for categories.
    """
    encodings = {
        choice.high_cardinality_encoding
        for choice in data.choices
        if choice.representation is Representation.SCALED
    }
    if len(encodings) != 1:
        return
    (encoding,) = encodings
    (other,) = set(HighCardinalityEncoding) - encodings
    for column in data.columns:
        if column.kind is not ColumnKind.CATEGORICAL:
            continue
        if has_many_categories(data.values.select(column.name), data.folds[0].train):
            yield DataWarning(
                about=Concern.CATEGORIES,
                column=column.name,
                sentence=(
                    f"has {column.distinct:,} categories, too many for an input each: {_IN_WORDS[encoding]}"
                ),
                remedy=f'an alternative is [space] high_cardinality_encoding = "{other}"',
            )


FARTHEST = 100.0
"""Quartile ranges from the median; of normal numbers one in a million is farther than 4."""

_QUARTILE_ROWS = 100_000
"""Cells, evenly spaced over the rows, to estimate quartiles by: known to 0.2 % of rank. Ends are exact."""


def heavy_tails(data: KnownData) -> Iterator[DataWarning]:
    """Warn of numbers more than 100 quartile ranges from their median, where standard scaling alone is tried.

    Infinities are no such numbers: they count as the largest finite one. Trees, which read raw numbers, do
    not mind how far one lies.
    """
    if any(
        choice.representation is not Representation.SCALED
        or choice.numeric_scaling is not NumericScaling.STANDARD
        or choice.numeric_encoding is not NumericEncoding.PLAIN
        for choice in data.choices
    ):
        return
    for column in data.columns:
        if column.kind is not ColumnKind.NUMERIC:
            continue
        farthest = reach(data.values[column.name])
        if farthest > FARTHEST:
            yield DataWarning(
                about=Concern.HEAVY_TAIL,
                column=column.name,
                sentence=f"reaches {farthest:,.0f} interquartile ranges from its median",
                remedy='to keep its usual values apart, use [space] numeric_scaling = "robust" or "quantile"',
            )


def reach(numbers: pl.Series) -> float:
    """Return how many quartile ranges the farthest finite number lies from the median.

    That is max|x - q2| / (q3 - q1), the q being quartiles; 0 where there is no range between them.
    """
    halves = numbers.filter(numbers.is_finite()) / 2  # the difference of two halves is finite
    if halves.is_empty():
        return 0.0
    sample = halves.gather_every(-(-len(halves) // _QUARTILE_ROWS))
    lower, median, upper = (float(sample.quantile(share, "linear") or 0.0) for share in (0.25, 0.5, 0.75))
    if not upper > lower:
        return 0.0
    lowest, highest = (
        float(end) for end in halves.to_frame("x").select(pl.min("x"), pl.max("x").alias("y")).row(0)
    )
    return max(highest - median, median - lowest) / (upper - lower)


def unused_dates(data: KnownData) -> Iterator[DataWarning]:
    """Offer to split by time where there are dates, and neither a column of times nor one of groups."""
    if data.column_of(ColumnKind.TIME) or data.column_of(ColumnKind.GROUP):
        return
    for column in data.columns:
        # Times of day are all of one day.
        if column.kind is ColumnKind.DATE and data.values[column.name].dt.date().n_unique() > 2:
            yield DataWarning(
                about=Concern.DATE,
                column=column.name,
                sentence="is a date, and the sets are not split by it",
                remedy="to be tested on later examples than it learned from, "
                + columns_line(column.name, ColumnKind.TIME),
            )


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
    return column.distinct < LEAST_DISTINCT_SHARE * n_present and _are_even_whole_numbers(values)
