"""Inputs of columns that are read as numbers: missing cells filled and marked, infinities drawn in, scaled.

There are four ways to scale a column by the train set: standard, robust, by ranks, piecewise linear.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.special import ndtri

from search_spaces.input_choices import DateEncoding, InputChoices, NumericEncoding, NumericScaling
from service.data.inputs.column_statistics import (
    ColumnSummary,
    SpreadCells,
    moments_by_rows,
    spread_cells,
    summarize,
)
from service.data.inputs.input_block import Rows, RowWriter, Statistics, as_numbers
from service.tables.column_kinds import ColumnKind

_FEWEST_COLUMNS_AT_ONCE, _COLUMNS_AT_ONCE = 8, 64
_CELLS_AT_ONCE = 100_000
"""Cells that are copied when moments are taken: with their copies they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class StandardScaling:
    """z = (x - mean) / deviation.

    Attributes
    ----------
    mean, deviation
        Of the train set's finite cells: (n_columns,), in the column's unit. The deviation is the population's
        (divided by their number); 1 where it would be 0.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale X (n_rows, n_columns) in place; halves keep the difference of two huge numbers finite."""
        X *= 0.5
        X -= self.mean / 2
        with np.errstate(over="ignore"):  # the conversion to float32 handles infinities
            X /= self.deviation / 2
        return X

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what was fitted, by name."""
        return {"mean": self.mean, "deviation": self.deviation}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a column."""
        return columns


def fit_standard_scaling(numbers: pl.DataFrame, summary: ColumnSummary) -> StandardScaling:
    """Take mean and deviation of the finite cells of each column.

    Rows are added one after the other, so another order of rows moves both by rounding.
    """
    largest = np.maximum(np.abs(summary.lowest), np.abs(summary.highest))
    mean, deviation = np.empty(numbers.width), np.empty(numbers.width)

    def fit(columns: slice) -> None:
        block = numbers[:, columns]
        n_rows = numbers.height if numbers.width == 1 else -(-_CELLS_AT_ONCE // block.width)
        mean[columns], deviation[columns] = moments_by_rows(
            partial(_parts, block, n_rows), largest=largest[columns]
        )

    n_threads = pl.thread_pool_size()
    with ThreadPoolExecutor(n_threads) as threads:
        list(threads.map(fit, _column_blocks(numbers.width, n_threads)))
    return StandardScaling(mean, deviation)


def _column_blocks(n_columns: int, n_threads: int) -> Iterator[slice]:
    """Part columns into blocks; none has a lone column, unless that is all there is."""
    n_blocks = max(-(-n_columns // _COLUMNS_AT_ONCE), min(n_threads, n_columns // _FEWEST_COLUMNS_AT_ONCE))
    ends = [n_columns * block // n_blocks for block in range(n_blocks + 1)] if n_blocks else []
    yield from (slice(first, end) for first, end in pairwise(ends))


def _parts(block: pl.DataFrame, n_rows: int) -> Iterator[NDArray[np.float64]]:
    for first in range(0, block.height, n_rows):
        yield block[first : first + n_rows].to_numpy(order="c")


FARTHEST = 1e9
"""Beyond this many ranges the clip is at its limit to the last bit, and a square could overflow."""

_SMALLEST_RANGE = np.finfo(np.float64).smallest_normal


@dataclass(frozen=True, slots=True, eq=False)
class RobustScaling:
    """z = (x - median) / spread; then z / sqrt(1 + (z / 3)**2), which stays within -3 and 3.

    Attributes
    ----------
    median, spread
        Of the train set's finite cells: (n_columns,), in the column's unit. The spread lies between the
        quartiles; where these agree, it is half of that between the smallest and the largest cell.

    References
    ----------
    Holzmüller, Grinsztajn and Steinwart, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on
    Tabular Data", 2024, section 3: robust scaling and smooth clipping.
    """

    median: NDArray[np.float64]
    spread: NDArray[np.float64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale X (n_rows, n_columns) in place; halves keep the difference of two huge numbers finite."""
        X *= 0.5
        X -= self.median / 2
        with np.errstate(over="ignore"):  # an infinity is clipped next
            X /= self.spread / 2
        np.clip(X, -FARTHEST, FARTHEST, out=X)
        X /= np.sqrt(1 + (X / 3) ** 2)
        return X

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return what was fitted, by name."""
        return {"median": self.median, "spread": self.spread}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a column."""
        return columns


def fit_robust_scaling(numbers: pl.DataFrame, summary: ColumnSummary) -> RobustScaling:
    """Take median and spread; the same to the last bit in whatever order the rows are."""
    lower, upper = (
        numbers.select(
            (pl.col(name).filter(pl.col(name).is_finite()) / 2).quantile(share, "linear")
            for name in numbers.columns
        )
        .to_numpy()
        .astype(np.float64)[0]
        for share in (0.25, 0.75)
    )
    between_halves = np.where(upper > lower, upper - lower, (summary.highest / 2 - summary.lowest / 2) / 2)
    # A range may be up to twice the largest float: what exceeds it is the largest float, to one bit of scale.
    spread = np.minimum(between_halves, np.finfo(np.float64).max / 2) * 2
    return RobustScaling(summary.median, np.where(spread < _SMALLEST_RANGE, 1.0, spread))


MAX_STEPS = 1000
"""The most steps between a column's quantiles."""

LARGEST_SCORE = 3.0
"""Scores end here: a share of 0.00135 of a normal distribution lies beyond, to each side."""


@dataclass(frozen=True, slots=True, eq=False)
class QuantileScaling:
    """z: interpolated between the distinct quantiles of the column, each at the normal score of its rank.

    A cell of rank p, from 0 to 1, has the score inverse_cdf(p) of the normal distribution, not beyond -3 and
    3. Quantiles that agree are one, of their mean rank, so that a column of two values becomes two moderate
    numbers.

    Attributes
    ----------
    half_quantiles, scores
        Half of the distinct quantiles, in the column's unit, ascending in each column, and their scores, in
        deviations; all columns' one after the other.
    n_points
        How many of them each column has: int64 (n_columns,).

    References
    ----------
    Bliss, "The Calculation of the Dosage-Mortality Curve", 1935 (normal scores); scikit-learn's
    QuantileTransformer, which puts the smallest and largest cell of any column at -5.2 and 5.2.
    """

    half_quantiles: NDArray[np.float64]
    scores: NDArray[np.float64]
    n_points: NDArray[np.int64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale X (n_rows, n_columns) in place; what lies outside the quantiles has the score of the last."""
        ends = np.cumsum(self.n_points)
        for j, (first, end) in enumerate(zip(ends - self.n_points, ends, strict=True)):
            X[:, j] = _interpolated(X[:, j] / 2, self.half_quantiles[first:end], self.scores[first:end])
        return X

    def arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Return what was fitted, by name."""
        return {"half_quantiles": self.half_quantiles, "scores": self.scores, "n_points": self.n_points}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a column."""
        return columns


def _interpolated(
    half_cells: NDArray[np.float64], quantiles: NDArray[np.float64], scores: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Interpolate as NumPy does, also where two quantiles are so near that the slope between is infinite."""
    with np.errstate(over="ignore"):
        z: NDArray[np.float64] = np.interp(half_cells, quantiles, scores)
    is_steep = np.isinf(z)
    if is_steep.any():
        between = half_cells[is_steep]
        lower = np.searchsorted(quantiles, between) - 1
        share = (between - quantiles[lower]) / (quantiles[lower + 1] - quantiles[lower])
        z[is_steep] = scores[lower] + share * (scores[lower + 1] - scores[lower])
    return z


def fit_quantile_scaling(numbers: pl.DataFrame) -> QuantileScaling:
    """Take quantiles and their scores; the same to the last bit in whatever order the rows are."""
    fitted = [_points(cells) for cells in spread_cells(numbers, max_steps=MAX_STEPS)]
    return QuantileScaling(
        np.concatenate([quantiles for quantiles, _ in fitted]),
        np.concatenate([scores for _, scores in fitted]),
        np.array([len(quantiles) for quantiles, _ in fitted]),
    )


def _points(cells: SpreadCells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    quantiles, first, counts = np.unique(cells.halves, return_index=True, return_counts=True)
    mean_rank = (cells.ranks[first] + cells.ranks[first + counts - 1]) / 2
    return quantiles, np.clip(ndtri(mean_rank), -LARGEST_SCORE, LARGEST_SCORE)


MAX_BINS = 16


@dataclass(frozen=True, slots=True, eq=False)
class PiecewiseLinearEncoding:
    """z_t = 2 e_t - 1, where e_t = (x - b_(t-1)) / (b_t - b_(t-1)), not below 0 and not above 1.

    The edges b_0 < b_1 < ... are 17 cells of the train set in even steps of rank, equal ones taken once. The
    inputs stand in place of the scaled number. Doubling and shifting gives them about the size of scaled
    numbers. The first bin and the last go no further than the others, where the source lets them go on: a
    number outside the train set's range shall not become a huge input.

    Attributes
    ----------
    half_edges
        Half of the edges, in the column's unit, ascending in each column; all columns' one after the other.
    n_edges
        How many of them each column has: int64 (n_columns,).

    References
    ----------
    Gorishniy, Rubachev and Babenko, "On Embeddings for Numerical Features in Tabular Deep Learning", 2022,
    equation 1.
    """

    half_edges: NDArray[np.float64]
    n_edges: NDArray[np.int64]

    def apply(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Encode X (n_rows, n_columns) as (n_rows, n_bins of all columns)."""
        ends = np.cumsum(self.n_edges)
        encoded = np.empty((len(X), len(self.half_edges) - len(self.n_edges)))
        for j, (first, end) in enumerate(zip(ends - self.n_edges, ends, strict=True)):
            edges = self.half_edges[first:end]
            bins = encoded[:, first - j : end - 1 - j]
            np.subtract(X[:, j, np.newaxis] / 2, edges[:-1], out=bins)
            with np.errstate(over="ignore"):  # an infinity is clipped next
                bins /= edges[1:] - edges[:-1]
        np.clip(encoded, 0, 1, out=encoded)
        encoded *= 2
        encoded -= 1
        return encoded

    def arrays(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """Return what was fitted, by name."""
        return {"half_edges": self.half_edges, "n_edges": self.n_edges}

    def input_names(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Name the inputs: one a bin of each column."""
        return tuple(
            f"{column} (bin {t} of {n - 1})"
            for column, n in zip(columns, self.n_edges.tolist(), strict=True)
            for t in range(1, n)
        )


def fit_piecewise_linear(numbers: pl.DataFrame) -> PiecewiseLinearEncoding:
    """Take the bins' edges; the same to the last bit in whatever order the rows are."""
    edges = [np.unique(cells.halves) for cells in spread_cells(numbers, max_steps=MAX_BINS)]
    return PiecewiseLinearEncoding(np.concatenate(edges), np.array([len(column) for column in edges]))


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
    def are_numbers(self) -> tuple[bool, ...]:
        """Scaled numbers that take more than two values; bins are an encoding of numbers already."""
        read, n_indicators = self.description, len(self.description.indicators)
        are_bins = read.scaling is NumericEncoding.PIECEWISE_LINEAR
        is_number = read.kind is not ColumnKind.BOOLEAN and not are_bins
        return (is_number,) * (len(self.input_names) - n_indicators) + (False,) * n_indicators

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

        def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
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
    but for missing cells, these are marked and the number is not read. What misses in a column that misses
    nothing in the train set is its median, and not marked. `choices` are for numeric columns, and dates';
    booleans and images are always standardised. Images keep each column and have no indicators, so that
    pixels stay in their places.
    """
    numbers = as_numbers(frame, tuple(columns), kind=kind)
    summary = summarize(numbers)
    is_read, is_told = summary.varies, summary.misses_some
    if kind is ColumnKind.IMAGE:
        is_read, is_told = np.ones_like(is_read), np.zeros_like(is_told)
    numbers, read = numbers.select(_chosen(columns, is_read)), summary.of(is_read)
    scaling = _scaling_name(choices, kind) if numbers.width else _STANDARD
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
    return fitted, {columns[j]: summary.reason_left_out(j, n_rows=frame.height) for j in left_out}


def _scaling_name(choices: InputChoices, kind: NumericKind) -> ScalingName:
    if kind is ColumnKind.DATE and choices.date_encoding is not DateEncoding.PLAIN:
        return NumericEncoding.PIECEWISE_LINEAR
    if kind is not ColumnKind.NUMERIC:
        return _STANDARD
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
