"""The grid over a search space: each dimension's values, of which all combinations are tried."""

from math import prod

import numpy as np

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value


def grid_values(space: SearchSpace, *, points: int) -> dict[str, tuple[Value, ...]]:
    """Return the values that a grid has of each searched dimension, by name.

    Parameters
    ----------
    space
        What is searched.
    points
        Values of each range, evenly spaced from end to end (by factor on a log range); a range of whole
        numbers has fewer where they coincide. A choice has all of its own.
    """
    return {
        name: _values(dimension, points)
        for name, dimension in space.dimensions.items()
        if not isinstance(dimension, ConstantDimension)
    }


def grid_size(space: SearchSpace, *, points: int) -> int:
    """Return the number of combinations of a grid's values."""
    return prod(len(values) for values in grid_values(space, points=points).values())


def _values(dimension: Dimension, points: int) -> tuple[Value, ...]:
    match dimension:
        case CategoricalDimension():
            return dimension.choices
        case FloatDimension():
            return tuple(_spaced(dimension, points))
        case IntegerDimension():
            nearest = (
                dimension.low + dimension.step * round((value - dimension.low) / dimension.step)
                for value in _spaced(dimension, points)
            )
            return tuple(dict.fromkeys(nearest))
        case ConstantDimension():
            return (dimension.value,)


def _spaced(dimension: FloatDimension | IntegerDimension, points: int) -> list[float]:
    """Return so many values from low to high; of a range with one, its middle."""
    low, high = float(dimension.low), float(dimension.high)
    if points == 1:
        return [float(dimension.middle)]
    space = np.geomspace if dimension.log else np.linspace
    between = space(low, high, points)[1:-1].clip(low, high)  # of a very short range rounding leaves it
    return sorted({low, *map(float, between), high})
