"""Inputs of columns that are read as numbers: missing cells filled and told, infinities drawn in, scaled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from search_spaces.hyperparameters import InputChoices, NumericEncoding, NumericScaling
from service.data.preparation.inputs.column_statistics import ColumnSummary, summarize
from service.data.preparation.inputs.input_block import RowWriter, Statistics, as_numbers
from service.data.preparation.inputs.numeric_scaling import (
    PiecewiseLinearEncoding,
    QuantileScaling,
    RobustScaling,
    StandardScaling,
    fit_piecewise_linear,
    fit_quantile_scaling,
    fit_robust_scaling,
    fit_standard_scaling,
)
from service.tables.column_kinds import ColumnKind

LARGEST = float(np.finfo(np.float32).max)
_STANDARD = NumericScaling.STANDARD

NumericKind: TypeAlias = Literal[ColumnKind.NUMERIC, ColumnKind.BOOLEAN, ColumnKind.DATE, ColumnKind.IMAGE]
ScalingName: TypeAlias = NumericScaling | Literal[NumericEncoding.PIECEWISE_LINEAR]
Scaling: TypeAlias = StandardScaling | RobustScaling | QuantileScaling | PiecewiseLinearEncoding


class NumericDescription(BaseModel):
    """Which columns are read as numbers, and how they are scaled."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["numeric"] = "numeric"
    """Tells the blocks of a transformation apart."""

    kind: NumericKind
    """Kind of all these columns; of dates, the days since 1970 began are read here."""

    columns: tuple[str, ...]
    """Columns whose numbers are read, in the order of the inputs."""

    indicators: tuple[str, ...]
    """Columns whose missing cells have an indicator input, 0 or 1, after the numbers."""

    scaling: ScalingName
    """How numbers become inputs."""


@dataclass(frozen=True, slots=True, eq=False)
class NumericColumns:
    """Numbers as inputs.

    Attributes
    ----------
    description
        Which columns, and how.
    median
        Of the train set's finite cells, a column: what a missing cell counts as. (n_columns,)
    lowest, highest
        The same set's smallest and largest: what the infinities count as. (n_columns,)
    scaling
        Fitted on the train set.
    """

    description: NumericDescription
    median: NDArray[np.float64]
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    scaling: Scaling

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns that are read."""
        read = self.description
        return dict.fromkeys(read.columns + read.indicators, read.kind)

    @property
    def input_names(self) -> tuple[str, ...]:
        """The numbers' inputs, then the indicators'."""
        read = self.description
        columns = tuple(f"{name} (days)" if read.kind is ColumnKind.DATE else name for name in read.columns)
        return self.scaling.input_names(columns) + tuple(f"{name} is missing" for name in read.indicators)

    @property
    def complete(self) -> tuple[str, ...]:
        """The columns that missed no cell in the train set; of pixels that is not known."""
        read = self.description
        if read.kind is ColumnKind.IMAGE:
            return ()
        return tuple(name for name in read.columns if name not in set(read.indicators))

    def arrays(self) -> Statistics:
        """Return what was fitted, by name."""
        own = {"median": self.median, "lowest": self.lowest, "highest": self.highest}
        return {**own, **{f"scaling_{name}": array for name, array in self.scaling.arrays().items()}}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Fill, scale and write rows; what float32 cannot hold becomes its largest number."""
        read = self.description
        numbers = as_numbers(frame, read.columns, kind=read.kind)
        missing = frame.select(pl.col(read.indicators).is_null()).to_numpy() if read.indicators else None

        def write(rows: slice, inputs: NDArray[np.float32]) -> None:
            if read.columns:
                Z = self.scaling.apply(self._filled(numbers[rows].to_numpy(writable=True)))
                np.clip(Z, -LARGEST, LARGEST, out=Z)
                inputs[:, : Z.shape[1]] = Z
            if missing is not None:
                inputs[:, -missing.shape[1] :] = missing[rows]

        return write

    def _filled(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Replace, in place, what is no finite number in X (n_rows, n_columns)."""
        if not np.isfinite(X).all():
            np.copyto(X, self.median, where=np.isnan(X))
            np.copyto(X, self.lowest, where=np.isneginf(X))
            np.copyto(X, self.highest, where=np.isposinf(X))
        return X


def fit_numeric_columns(
    frame: pl.DataFrame, columns: Sequence[str], *, kind: NumericKind, choices: InputChoices
) -> tuple[NumericColumns, dict[str, str]]:
    """Fit on train rows; return also the columns left out, each with the reason.

    A column is left out where no cell is a finite number, or all are the same one. Where they are the same
    but for missing cells, these are told and the number is not read. What misses in a column that misses
    nothing in the train set is its median, and not told. `choices` are for numeric columns: booleans, days
    and images are always standardised. Images keep each column and have no indicators, so that pixels stay
    in their places.
    """
    numbers = as_numbers(frame, tuple(columns), kind=kind)
    summary = summarize(numbers)
    is_read, is_told = summary.lowest < summary.highest, (summary.n_missing > 0) & ~np.isnan(summary.lowest)
    if kind is ColumnKind.IMAGE:
        is_read, is_told = np.ones_like(is_read), np.zeros_like(is_told)
    numbers, read = numbers.select(_chosen(columns, is_read)), summary.of(is_read)
    scaling = _scaling_name(choices) if kind is ColumnKind.NUMERIC and numbers.width else _STANDARD
    description = NumericDescription(
        kind=kind, columns=tuple(numbers.columns), indicators=_chosen(columns, is_told), scaling=scaling
    )
    # Only an image's column may have no finite cell here; any number will do for its missing ones.
    fitted = NumericColumns(
        description,
        median=np.nan_to_num(read.median),
        lowest=np.nan_to_num(read.lowest),
        highest=np.nan_to_num(read.highest),
        scaling=_fit_scaling(scaling, numbers, read),
    )
    left_out = np.flatnonzero(~is_read & ~is_told).tolist()
    return fitted, {columns[j]: _reason(summary, j, n_rows=frame.height) for j in left_out}


def _scaling_name(choices: InputChoices) -> ScalingName:
    if choices.numeric_encoding is NumericEncoding.PLAIN:
        return choices.numeric_scaling
    return choices.numeric_encoding


def _fit_scaling(name: ScalingName, numbers: pl.DataFrame, summary: ColumnSummary) -> Scaling:
    match name:
        case NumericScaling.STANDARD:
            return fit_standard_scaling(numbers, summary)
        case NumericScaling.ROBUST:
            return fit_robust_scaling(numbers, summary)
        case NumericScaling.QUANTILE:
            return fit_quantile_scaling(numbers)
        case NumericEncoding.PIECEWISE_LINEAR:
            return fit_piecewise_linear(numbers)


def _chosen(columns: Sequence[str], is_chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, it in zip(columns, is_chosen.tolist(), strict=True) if it)


def _reason(summary: ColumnSummary, column: int, *, n_rows: int) -> str:
    if summary.n_missing[column] == n_rows:
        return "every cell is missing in the train set"
    if np.isnan(summary.lowest[column]):
        return "no cell is a finite number in the train set"
    return "constant in the train set"
