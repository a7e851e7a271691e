"""Columns in which a few numbers are so large that the others look alike to a network."""

from collections.abc import Iterator

import polars as pl

from search_spaces.hyperparameters import NumericEncoding, NumericScaling
from service.data.checks.warnings.data_warning import Concern, DataWarning
from service.data.checks.warnings.known_data import KnownData
from service.tables.column_kinds import ColumnKind

FARTHEST = 100.0
"""Quartile ranges from the median; of normal numbers one in a million is farther than 4."""

_QUARTILE_ROWS = 100_000
"""Cells, evenly spaced over the rows, by which quartiles are told: known to 0.2 % of rank. Ends are exact."""


def heavy_tails(data: KnownData) -> Iterator[DataWarning]:
    """Warn of numbers more than 100 quartile ranges from their median, where standard scaling alone is tried.

    Infinities are no such numbers: they count as the largest finite one.
    """
    if any(
        choice.numeric_scaling is not NumericScaling.STANDARD
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
                sentence=f"reaches {farthest:,.0f} quartile ranges from its median",
                remedy='its bulk is told apart with [space] numeric_scaling = "robust" or "quantile"',
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
