"""Values become numbers and come back; no last bit of a number shows in a value."""

from math import nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.dimensions import CategoricalDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from service.study.search.unit_scales import ChoiceScale, FloatScale, IntegerScale, scale_of

INTEGERS = [
    IntegerDimension(low=1, high=4),
    IntegerDimension(low=8, high=64, step=8),
    IntegerDimension(low=1, high=512, log=True),
    IntegerDimension(low=7, high=8),
]
FLOATS = [
    FloatDimension(low=0.5, high=0.99),
    FloatDimension(low=-3.0, high=1e6),
    FloatDimension(low=1e-7, high=1.0, log=True),
    FloatDimension(low=1.0, high=1.0 + 1e-9),
    FloatDimension(low=1.0, high=1.0 + 1e-9, log=True),
]


@pytest.mark.parametrize("dimension", INTEGERS, ids=str)
def test_whole_numbers_come_back(dimension: IntegerDimension) -> None:
    scale = IntegerScale(dimension)
    for value in range(dimension.low, dimension.high + 1, dimension.step):
        assert scale.value(scale.number(value)) == value


@pytest.mark.parametrize("dimension", INTEGERS, ids=str)
def test_the_cells_of_whole_numbers_are_all_of_the_range(dimension: IntegerDimension) -> None:
    scale, ends = IntegerScale(dimension), [0.0]
    for value in range(dimension.low, dimension.high + 1, dimension.step):
        low, high = scale.cells(scale.snapped(number := np.array([scale.number(value)])))
        assert low[0] == pytest.approx(ends[-1], abs=1e-12)
        assert low[0] < number[0] < high[0]
        ends.append(high[0])
    assert ends[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("dimension", FLOATS, ids=str)
@given(share=st.floats(0.0, 1.0))
def test_real_numbers_come_back_to_six_digits(dimension: FloatDimension, share: float) -> None:
    scale = FloatScale(dimension)
    value = scale.value(share)
    assert dimension.contains(value)
    assert scale.number(value) == pytest.approx(share, abs=2e-5 if dimension.log else 1e-5)


@pytest.mark.parametrize("dimension", FLOATS[:3], ids=str)
def test_a_last_bit_does_not_show(dimension: FloatDimension) -> None:
    """In none of a hundred values: one in some thousand million lies that near to a rounding's edge."""
    scale = FloatScale(dimension)
    for place in range(100):
        share = (place + 0.5) / 100
        assert scale.value(share) == scale.value(nextafter(share, 1.0)) == scale.value(nextafter(share, 0.0))


@pytest.mark.parametrize(
    "dimension", [*INTEGERS, *FLOATS, CategoricalDimension(choices=("relu", "tanh", "elu"))], ids=str
)
def test_even_shares_reach_both_ends(
    dimension: IntegerDimension | FloatDimension | CategoricalDimension,
) -> None:
    scale = scale_of(dimension)
    values = scale.evenly(0.0), scale.evenly(nextafter(1.0, 0.0))
    match dimension:
        case CategoricalDimension():
            assert values == (dimension.choices[0], dimension.choices[-1])
        case _:
            assert values == pytest.approx((dimension.low, dimension.high), abs=5e-6 * dimension.high)


def test_a_choice_is_its_place() -> None:
    scale = ChoiceScale(CategoricalDimension(choices=("relu", "tanh")))
    assert [scale.number("relu"), scale.number("tanh")] == [0.0, 1.0]
    assert [scale.value(0.0), scale.value(1.0)] == ["relu", "tanh"]
    assert [scale.evenly(0.49), scale.evenly(0.5)] == ["relu", "tanh"]
