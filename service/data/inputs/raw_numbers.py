"""Inputs of columns that are read as numbers, as they are: not scaled, filled or marked; missing is NaN."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.data.inputs.column_statistics import ColumnSummary, summarize
from service.data.inputs.input_block import Rows, RowWriter, Statistics, as_numbers
from service.data.inputs.numeric_columns import LARGEST, NumericKind, fit_robust_scaling
from service.tables.column_kinds import ColumnKind

FAR = 4.0
"""Quartile ranges between a column's median and 0 from which on the median is subtracted."""


class RawNumbersDescription(BaseModel):
    """Which columns are read as numbers, as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["raw_numbers"] = "raw_numbers"
    """Tells the blocks of a transformation apart."""

    kind: NumericKind
    """Kind of all these columns; of dates, the days since 1970 began are read here."""

    columns: tuple[str, ...]
    """Columns whose numbers are read, in the order of the inputs."""

    with_missing: tuple[str, ...]
    """Those of them that miss cells in the train set; of images that is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class RawNumbers:
    """Numbers less an offset a column, in float32, which keeps their order; NaN where missing.

    A float32 has 24 bits. Numbers that lie far from 0 and close together spend them on the distance: seconds
    since 1970 come in steps of 128 then. Of such a column the train set's median is subtracted in float64
    first, so that the finest steps are where most cells are. Other columns have the offset 0: they need the
    finest steps near 0. What float32 cannot hold, and the infinities, become its largest number of their
    sign.

    Attributes
    ----------
    description
        Which columns.
    offset
        What is subtracted, in the column's unit: (n_columns,).
    """

    description: RawNumbersDescription
    offset: NDArray[np.float64]

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read."""
        return dict.fromkeys(self.description.columns, self.description.kind)

    @property
    def input_names(self) -> tuple[str, ...]:
        """One a column."""
        read = self.description
        return tuple(f"{name} (days)" if read.kind is ColumnKind.DATE else name for name in read.columns)

    @property
    def complete(self) -> tuple[str, ...]:
        """The columns that missed no cell in the train set; of pixels that is not known."""
        read = self.description
        if read.kind is ColumnKind.IMAGE:
            return ()
        return tuple(name for name in read.columns if name not in set(read.with_missing))

    def arrays(self) -> Statistics:
        """Return what was fitted, by name."""
        return {"offset": self.offset}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write the numbers."""
        numbers = as_numbers(frame, self.description.columns, kind=self.description.kind)

        def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
            X = numbers[rows].to_numpy(writable=True)
            with np.errstate(over="ignore"):  # an infinity is clipped next
                X -= self.offset
            np.clip(X, -LARGEST, LARGEST, out=X)
            inputs[:] = X

        return write


def fit_raw_numbers(
    frame: pl.DataFrame, columns: Sequence[str], *, kind: NumericKind
) -> tuple[RawNumbers, dict[str, str]]:
    """Fit on train rows; return also the columns left out, each with the reason.

    A column is left out where no cell is a finite number, or all are the same one and none is missing. Images
    keep each column, as it is, so that pixels stay in their places. The order of rows moves no bit.
    """
    numbers = as_numbers(frame, tuple(columns), kind=kind)
    summary = summarize(numbers)
    is_image = kind is ColumnKind.IMAGE
    is_read = np.ones_like(summary.varies) if is_image else summary.varies | summary.misses_some
    numbers, read = numbers.select(compress(columns, is_read)), summary.of(is_read)
    described = RawNumbersDescription(
        kind=kind,
        columns=tuple(numbers.columns),
        with_missing=() if is_image else tuple(compress(numbers.columns, read.misses_some)),
    )
    may_be_far = kind in {ColumnKind.NUMERIC, ColumnKind.DATE} and numbers.width > 0
    offset = _offsets(numbers, read) if may_be_far else np.zeros(numbers.width)
    left_out = np.flatnonzero(~is_read).tolist()
    return (
        RawNumbers(described, offset),
        {columns[j]: summary.reason_left_out(j, n_rows=frame.height) for j in left_out},
    )


def _offsets(numbers: pl.DataFrame, summary: ColumnSummary) -> NDArray[np.float64]:
    """Return the median of each column that is far from 0, and 0 of the others: (n_columns,)."""
    is_far = np.abs(summary.median) / FAR > fit_robust_scaling(numbers, summary).spread
    return np.where(is_far, summary.median, 0.0)
