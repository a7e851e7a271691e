"""Whether a sampler can search a space."""

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.space import SearchSpace
from service.configuration.grid_points import grid_size
from service.configuration.sampler_config import SamplerConfig, SamplerName

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
            return "gp models dimensions that every trial has; the space has none without a condition"
        case SamplerName.CMA_ES if all(isinstance(dimension, CategoricalDimension) for dimension in always):
            return "cma-es searches ranges of numbers; the space has none without a condition"
        case _:
            return None


def _reason_against_grid(points: int, space: SearchSpace, *, trials: int) -> str | None:
    for name, dimension in space.dimensions.items():
        if not isinstance(dimension, ConstantDimension) and dimension.when:
            return f"a grid has no conditions: all of its points have all dimensions; {name} has one"
    size = grid_size(space, points=points)
    if size > LARGEST_GRID:
        return f"a grid has at most {LARGEST_GRID:,} points, this one {size:,}: search less, or fewer points"
    if trials > size + 1:
        return (
            f"the grid has {size} points and is tried once, after the default values:"
            f" expected at most {size + 1} trials, found {trials}"
        )
    return None
