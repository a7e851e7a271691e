"""A search space's dimensions as Optuna's distributions."""

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from search_spaces.dimensions import CategoricalDimension
from search_spaces.ranges import FloatDimension, IntegerDimension

SearchedDimension = FloatDimension | IntegerDimension | CategoricalDimension
"""A dimension that is no constant."""


def distribution(dimension: SearchedDimension) -> BaseDistribution:
    """Return the distribution that Optuna samples a searched dimension from."""
    match dimension:
        case FloatDimension():
            return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
        case IntegerDimension():
            return IntDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
        case CategoricalDimension():
            return CategoricalDistribution(dimension.choices)
