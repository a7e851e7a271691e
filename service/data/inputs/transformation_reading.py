"""A transformation from its description and arrays, as they stand in a model's files."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search_spaces.input_choices import NumericEncoding, NumericScaling
from service.data.inputs.category_codes import CategoryCodes, CategoryCodesDescription
from service.data.inputs.date_days import DateDays, DateDaysDescription
from service.data.inputs.date_parts import (
    DateParts,
    DatePartsDescription,
    RawDateParts,
    RawDatePartsDescription,
)
from service.data.inputs.numeric_columns import (
    NumericColumns,
    NumericDescription,
    PiecewiseLinearEncoding,
    QuantileScaling,
    RobustScaling,
    Scaling,
    StandardScaling,
)
from service.data.inputs.one_hot import HashedColumns, HashingDescription, OneHotColumns, OneHotDescription
from service.data.inputs.raw_numbers import RawNumbers, RawNumbersDescription
from service.data.inputs.target_statistics import (
    TargetStatisticsColumns,
    TargetStatisticsDescription,
)
from service.data.inputs.transformation import (
    Block,
    BlockDescription,
    Transformation,
    TransformationDescription,
)

_Number = TypeVar("_Number", np.float64, np.int64, np.uint64)


class StoredArrays:
    """Arrays by name, not trusted.

    Parameters
    ----------
    arrays
        By their full names.
    prefix
        What the names asked for begin with among all.
    taken
        Names that were asked for; shared between the parts.

    Raises
    ------
    ValueError
        Each method does, when there is no such array, or it is not what the method's name says.
    """

    def __init__(
        self, arrays: Mapping[str, NDArray[np.generic]], *, prefix: str = "", taken: set[str] | None = None
    ) -> None:
        self._arrays = arrays
        self._prefix = prefix
        self._taken: set[str] = set() if taken is None else taken

    def of(self, part: str) -> "StoredArrays":
        """Return the arrays whose names begin with a part's name."""
        return StoredArrays(self._arrays, prefix=f"{self._prefix}{part}_", taken=self._taken)

    def finite(self, name: str, *shape: int) -> NDArray[np.float64]:
        """Return float64 of a shape, all of them numbers."""
        array = self._of_type(name, np.float64)
        self._insist(name, holds=array.shape == shape, rule=f"expected shape {shape}, got {array.shape}")
        self._insist(name, holds=bool(np.isfinite(array).all()), rule="expected only finite numbers")
        return array

    def positive(self, name: str, *shape: int) -> NDArray[np.float64]:
        """Return float64 of a shape, all above 0."""
        array = self.finite(name, *shape)
        self._insist(name, holds=bool((array > 0).all()), rule="expected only numbers above 0")
        return array

    def counts(self, name: str, n_columns: int) -> NDArray[np.int64]:
        """Return int64 (n_columns,), all at least 1."""
        array = self._of_type(name, np.int64)
        holds = array.shape == (n_columns,) and bool((array >= 1).all())
        self._insist(name, holds=holds, rule=f"expected {n_columns} counts of at least 1")
        return array

    def ascending(self, name: str, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return float64 (sum of the counts,) of which that many ascend, one such run after the other."""
        array = self.finite(name, int(counts.sum()))
        rises = np.diff(array) > 0
        rises[np.cumsum(counts)[:-1] - 1] = True  # from one run to the next
        self._insist(name, holds=bool(rises.all()), rule="expected ascending values in each column")
        return array

    def hashes(self, name: str) -> NDArray[np.uint64]:
        """Return uint64 (n_categories,), ascending."""
        array = self._of_type(name, np.uint64)
        holds = array.ndim == 1 and bool((array[1:] > array[:-1]).all())
        self._insist(name, holds=holds, rule="expected a row of ascending hashes")
        return array

    def ranks(self, name: str, n_ranked: int) -> NDArray[np.int64]:
        """Return int64 (n_ranked,), each whole number from 0 once."""
        array = self._of_type(name, np.int64)
        holds = np.array_equal(np.sort(array, axis=None), np.arange(n_ranked)) and array.ndim == 1
        self._insist(name, holds=holds, rule=f"expected the ranks of {n_ranked} categories, from 0")
        return array

    def insist_all_were_taken(self) -> None:
        """Refuse arrays that nobody asked for."""
        if extra := sorted(self._arrays.keys() - self._taken):
            raise ValueError(f"arrays that nothing describes: {', '.join(extra)}")

    def _of_type(self, name: str, dtype: type[_Number]) -> NDArray[_Number]:
        full = self._prefix + name
        if full not in self._arrays:
            raise ValueError(f"no array named {full}")
        self._taken.add(full)
        array = self._arrays[full]
        self._insist(name, holds=array.dtype == dtype, rule=f"expected {np.dtype(dtype)}, got {array.dtype}")
        return array.astype(dtype, copy=False)

    def _insist(self, name: str, *, holds: bool, rule: str) -> None:
        if not holds:
            raise ValueError(f"array {self._prefix}{name}: {rule}")


def read_transformation(
    description: TransformationDescription, arrays: Mapping[str, NDArray[np.generic]]
) -> Transformation:
    """Make a transformation that does, to the last bit, what the one described does.

    Raises
    ------
    ValueError
        When an array is missing, is one too many, or has not the type, shape and values that it is described
        to have; the message names it.
    """
    stored = StoredArrays(arrays)
    blocks = tuple(_block(described, stored.of(str(j))) for j, described in enumerate(description.blocks))
    stored.insist_all_were_taken()
    return Transformation(blocks, description.dropped)


def _block(described: BlockDescription, stored: StoredArrays) -> Block:
    match described:
        case NumericDescription():
            return NumericColumns(
                described,
                **{
                    name: stored.finite(name, len(described.columns))
                    for name in ("median", "lowest", "highest")
                },
                scaling=_scaling(described, stored.of("scaling")),
            )
        case RawNumbersDescription():
            return RawNumbers(described, stored.finite("offset", len(described.columns)))
        case HashingDescription() | TargetStatisticsDescription() | CategoryCodesDescription():
            return _block_known_by_hash(described, stored)
        case _:
            return _block_without_arrays(described)


def _block_without_arrays(
    described: DatePartsDescription | DateDaysDescription | RawDatePartsDescription | OneHotDescription,
) -> Block:
    match described:
        case DatePartsDescription():
            return DateParts(described)
        case DateDaysDescription():
            return DateDays(described)
        case RawDatePartsDescription():
            return RawDateParts(described)
        case OneHotDescription():
            return OneHotColumns(described)


def _block_known_by_hash(
    described: HashingDescription | TargetStatisticsDescription | CategoryCodesDescription,
    stored: StoredArrays,
) -> Block:
    known = tuple(stored.hashes(f"known_{j}") for j in range(len(described.columns)))
    match described:
        case HashingDescription():
            return HashedColumns(described, known)
        case CategoryCodesDescription():
            ranks = tuple(stored.ranks(f"ranks_{j}", len(hashes)) for j, hashes in enumerate(known))
            return CategoryCodes(described, known, ranks)
        case TargetStatisticsDescription():
            width = len(described.averaged) + 1
            statistics = tuple(
                stored.finite(f"statistics_{j}", len(hashes) + 1, width) for j, hashes in enumerate(known)
            )
            return TargetStatisticsColumns(described, known, statistics)


def _scaling(described: NumericDescription, stored: StoredArrays) -> Scaling:
    n_columns = len(described.columns)
    match described.scaling:
        case NumericScaling.STANDARD:
            return StandardScaling(stored.finite("mean", n_columns), stored.positive("deviation", n_columns))
        case NumericScaling.ROBUST:
            return RobustScaling(stored.finite("median", n_columns), stored.positive("spread", n_columns))
        case NumericScaling.QUANTILE:
            n_points = stored.counts("n_points", n_columns)
            quantiles = stored.ascending("half_quantiles", n_points)
            return QuantileScaling(quantiles, stored.finite("scores", len(quantiles)), n_points)
        case NumericEncoding.PIECEWISE_LINEAR:
            n_edges = stored.counts("n_edges", n_columns)
            return PiecewiseLinearEncoding(stored.ascending("half_edges", n_edges), n_edges)
