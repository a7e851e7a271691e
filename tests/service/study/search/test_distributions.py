"""Optuna draws from the very ranges that a search space states."""

import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from search_spaces.dimensions import CategoricalDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from service.study.search.sampling.suggestions import SearchedDimension, distribution


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (FloatDimension(low=0.1, high=0.9), FloatDistribution(0.1, 0.9)),
        (FloatDimension(low=1e-5, high=1.0, log=True), FloatDistribution(1e-5, 1.0, log=True)),
        (IntegerDimension(low=1, high=4), IntDistribution(1, 4)),
        (IntegerDimension(low=8, high=64, step=8), IntDistribution(8, 64, step=8)),
        (IntegerDimension(low=8, high=512, log=True), IntDistribution(8, 512, log=True)),
        (CategoricalDimension(choices=("relu", "tanh")), CategoricalDistribution(("relu", "tanh"))),
        (CategoricalDimension(choices=(64, 16, 32)), CategoricalDistribution((64, 16, 32))),
    ],
    ids=str,
)
def test_each_kind_of_dimension_is_drawn_from_its_own_range(
    dimension: SearchedDimension, expected: BaseDistribution
) -> None:
    assert distribution(dimension) == expected
