"""The values of a searched dimension as the numbers that TPE calculates with."""

from dataclasses import dataclass
from functools import cached_property
from math import exp, floor, log, log10

import numpy as np
from numpy.typing import NDArray

from search_spaces.dimensions import CategoricalDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.values import Value

SIGNIFICANT_DIGITS = 6
"""Of a suggested real number, beside its range."""


@dataclass(frozen=True)
class ChoiceScale:
    """A choice: its values' places, from 0."""

    dimension: CategoricalDimension

    @property
    def n_choices(self) -> int:
        """The number of values."""
        return len(self.dimension.choices)

    def number(self, value: Value) -> float:
        """Return a value's place."""
        return float(self.dimension.choices.index(value))

    def value(self, number: float) -> Value:
        """Return the value at a place."""
        return self.dimension.choices[int(number)]

    def evenly(self, share: float) -> Value:
        """Return the value at a share of all values (fraction from 0 to 1, 1 not included)."""
        return self.dimension.choices[int(share * self.n_choices)]


@dataclass(frozen=True)
class FloatScale:
    """A range of real numbers, or of their logarithms where it is a log range, as 0 to 1."""

    dimension: FloatDimension

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The range's ends, or their logarithms."""
        low, high = self.dimension.low, self.dimension.high
        return (log(low), log(high)) if self.dimension.log else (low, high)

    def number(self, value: Value) -> float:
        """Return where a value lies."""
        low, high = self.ends
        return ((log(float(value)) if self.dimension.log else float(value)) - low) / (high - low)

    def value(self, number: float) -> float:
        """Return the value where a number lies, to six digits.

        Processors differ in the last bit of a logarithm. With all its bits, a suggestion would differ too.
        """
        low, high = self.ends
        value = low + number * (high - low)
        unit = high - low
        if self.dimension.log:
            value = exp(value)
            unit = value * min(1.0, unit)
        n_decimals = SIGNIFICANT_DIGITS - 1 - floor(log10(unit))
        nearest = round(value, n_decimals) + 0.0  # not -0.0
        return min(max(nearest, self.dimension.low), self.dimension.high)

    def evenly(self, share: float) -> float:
        """Return the value at a share of the range (fraction)."""
        return self.value(share)


@dataclass(frozen=True)
class IntegerScale:
    """A range of whole numbers, or of their logarithms, as 0 to 1: a cell for each, which are all of it."""

    dimension: IntegerDimension

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Where the first cell begins and the last one ends, or their logarithms."""
        half = self.dimension.step / 2
        low, high = self.dimension.low - half, self.dimension.high + half
        return (log(low), log(high)) if self.dimension.log else (low, high)

    def number(self, value: Value) -> float:
        """Return where a value lies."""
        return float(self._numbers(np.array([value], dtype=np.float64))[0])

    def value(self, number: float) -> int:
        """Return the value in whose cell a number lies."""
        return int(self._values(np.array([number]))[0])

    def evenly(self, share: float) -> int:
        """Return the value at a share of the range (fraction)."""
        return self.value(share)

    def snapped(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where the values lie in whose cells numbers lie."""
        return self._numbers(self._values(numbers))

    @cached_property
    def n_cells(self) -> int:
        """The number of values."""
        return (self.dimension.high - self.dimension.low) // self.dimension.step + 1

    @cached_property
    def ends_of_cells(self) -> NDArray[np.float64]:
        """Where the cells begin, and where the last one ends (n_cells + 1,)."""
        cells = np.arange(self.n_cells + 1, dtype=np.float64)
        return self._numbers(self.dimension.low + self.dimension.step * (cells - 0.5))

    def places(self, numbers: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return in which cells numbers lie, from 0."""
        places = (self._values(numbers) - self.dimension.low) / self.dimension.step
        return np.rint(places).astype(np.intp)

    def cells(self, numbers: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where the cells begin, and where they end, in which numbers lie."""
        values, half = self._values(numbers), self.dimension.step / 2
        return self._numbers(values - half), self._numbers(values + half)

    def _values(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        dimension = self.dimension
        low, high = self.ends
        values = low + numbers * (high - low)
        if dimension.log:
            values = np.exp(values)
        n_steps = np.rint((values - dimension.low) / dimension.step)
        nearest: NDArray[np.float64] = dimension.low + n_steps * dimension.step
        return nearest.clip(dimension.low, dimension.high)

    def _numbers(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        low, high = self.ends
        numbers: NDArray[np.float64] = ((np.log(values) if self.dimension.log else values) - low) / (
            high - low
        )
        return numbers


Scale = ChoiceScale | FloatScale | IntegerScale


def scale_of(dimension: CategoricalDimension | FloatDimension | IntegerDimension) -> Scale:
    """Return the scale of a dimension that has more than one value."""
    match dimension:
        case CategoricalDimension():
            return ChoiceScale(dimension)
        case FloatDimension():
            return FloatScale(dimension)
        case IntegerDimension():
            return IntegerScale(dimension)
