"""Whether a sampler can search a space; the grid, for the one that tries all combinations."""

from math import prod

import numpy as np

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig, SamplerName


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


LARGEST_GRID = 100_000
"""Combinations of a grid, which is kept in memory as a whole."""


def reason_against(sampler: SamplerConfig, space: SearchSpace, *, trials: int) -> str | None:
    """Return in one line why a sampler cannot search a space with so many trials; None where it can.

    TPE, random search and QMC take any space: what stands under a condition they draw by itself.
    """
    searched = {
        name: dimension
        for name, dimension in space.dimensions.items()
        if not isinstance(dimension, ConstantDimension)
    }
    always = [dimension for dimension in searched.values() if not dimension.when]
    match sampler.kind:
        case SamplerName.GRID:
            return _reason_against_grid(sampler.points or 1, space, trials=trials)
        case SamplerName.GP if not always:
            return "gp needs a dimension without a condition, got none in this space"
        case SamplerName.CMA_ES if all(isinstance(dimension, CategoricalDimension) for dimension in always):
            return "cma-es needs a range of numbers without a condition, got none in this space"
        case _:
            return None


def _reason_against_grid(points: int, space: SearchSpace, *, trials: int) -> str | None:
    for name, dimension in space.dimensions.items():
        if not isinstance(dimension, ConstantDimension) and dimension.when:
            return (
                f"a grid needs dimensions without conditions, as each of its points has all of them, got a"
                f" condition on {name}"
            )
    size = grid_size(space, points=points)
    if size > LARGEST_GRID:
        return (
            f"expected a grid of at most {LARGEST_GRID:,} points, got {size:,}: search fewer hyperparameters,"
            " or fewer values of each"
        )
    if trials > size + 1:
        return (
            f"the grid has {size} points and is tried once, after the default values: expected at most"
            f" {size + 1} trials, got {trials}"
        )
    return None
