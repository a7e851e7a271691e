"""Ranges of numbers: what they contain, and what they refuse."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_spaces.ranges import FloatDimension, IntegerDimension

finite = st.floats(-1e300, 1e300)
positive = st.floats(min_value=1e-300, max_value=1e300)


@given(ends=st.tuples(finite, finite).map(sorted))
def test_the_middle_of_a_linear_range_lies_in_it(ends: list[float]) -> None:
    dimension = FloatDimension(low=ends[0], high=ends[1])
    assert dimension.contains(dimension.middle)


@given(ends=st.tuples(positive, positive).map(sorted))
def test_the_middle_of_a_log_range_lies_in_it(ends: list[float]) -> None:
    dimension = FloatDimension(low=ends[0], high=ends[1], log=True)
    assert dimension.contains(dimension.middle)


def test_the_middle_of_a_log_range_is_geometric() -> None:
    assert FloatDimension(low=1e-4, high=1e-2, log=True).middle == pytest.approx(1e-3)
    assert IntegerDimension(low=4, high=256, log=True).middle == 32


@given(low=st.integers(-1000, 1000), steps=st.integers(0, 1000), step=st.integers(1, 50))
def test_the_middle_of_a_stepped_range_is_on_the_step(low: int, steps: int, step: int) -> None:
    dimension = IntegerDimension(low=low, high=low + steps * step, step=step)
    assert dimension.contains(dimension.middle)


@given(
    low=st.integers(-100, 100), steps=st.integers(0, 20), step=st.integers(1, 7), bound=st.floats(-200, 300)
)
def test_first_from_is_the_least_value_that_reaches_the_bound(
    low: int, steps: int, step: int, bound: float
) -> None:
    dimension = IntegerDimension(low=low, high=low + steps * step, step=step)
    reaching = [v for v in range(low, dimension.high + 1, step) if v >= bound]
    assume(reaching)
    assert dimension.first_from(bound) == min(reaching)


def test_first_from_is_above_the_range_where_nothing_reaches_the_bound() -> None:
    assert not IntegerDimension(low=1, high=4).contains(IntegerDimension(low=1, high=4).first_from(5))
    assert not FloatDimension(low=0.0, high=1.0).contains(FloatDimension(low=0.0, high=1.0).first_from(2.0))


def test_a_range_contains_its_ends_and_nothing_outside() -> None:
    dimension = FloatDimension(low=0.5, high=1.0)
    assert dimension.contains(0.5)
    assert dimension.contains(1.0)
    assert not dimension.contains(1.0000001)
    assert not dimension.contains("half")


def test_a_stepped_range_contains_only_what_is_on_the_step() -> None:
    dimension = IntegerDimension(low=16, high=64, step=16)
    assert [value for value in range(100) if dimension.contains(value)] == [16, 32, 48, 64]
    assert not dimension.contains(16.0)


def test_a_range_of_one_value_is_allowed() -> None:
    assert IntegerDimension(low=3, high=3, log=True).middle == 3


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"low": 0.1, "high": 0.01}, "low: a range needs low <= high, got low = 0.1, high = 0.01"),
        ({"low": 0.0, "high": 1.0, "log": True}, "low: a log range needs low > 0, got low = 0.0"),
        (
            {"low": 0.0, "high": 1.0, "default": 2.0},
            "default: expected a default in 0 to 1, got default = 2.0",
        ),
        ({"low": "a", "high": 1.0}, "valid number"),
        ({"low": True, "high": 1.0}, "valid number"),
        ({"low": 0.0, "high": float("inf")}, "finite number"),
        ({"low": 0.0, "high": 1.0, "step": 0.1}, "Extra inputs"),
    ],
)
def test_a_float_range_that_contradicts_itself_is_refused(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FloatDimension.model_validate(written)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"low": 4, "high": 1}, "low: a range needs low <= high"),
        ({"low": 0, "high": 8, "log": True}, "low: a log range needs low > 0, got low = 0"),
        ({"low": 1, "high": 8, "log": True, "step": 2}, "step: a log range has no step, got step = 2"),
        ({"low": 16, "high": 100, "step": 16}, "high: high is reached in steps of 16 .* nearest below is 96"),
        (
            {"low": 16, "high": 64, "step": 16, "default": 20},
            "default: expected a default in 16 to 64 in steps of 16, got",
        ),
        ({"low": 1, "high": 8, "step": 0}, "greater than or equal to 1"),
        ({"low": 1.5, "high": 8}, "valid integer"),
    ],
)
def test_an_integer_range_that_contradicts_itself_is_refused(
    written: dict[str, object], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        IntegerDimension.model_validate(written)


@pytest.mark.parametrize("log", [False, True])
def test_a_position_is_where_a_value_lies_on_the_ranges_own_scale(log: bool) -> None:  # noqa: FBT001
    dimension = FloatDimension(low=1e-4, high=1e-2, log=log)
    assert dimension.position(1e-4) == 0
    assert dimension.position(1e-2) == pytest.approx(1)
    assert dimension.position(dimension.middle) == pytest.approx(0.5)
    assert dimension.at(1.5) == pytest.approx(1e-1 if log else 1.495e-2)


@given(low=st.integers(1, 100), more=st.integers(1, 1000), log=st.booleans(), position=st.floats(0, 1))
def test_values_at_positions_between_0_and_1_lie_in_a_range(
    *, low: int, more: int, log: bool, position: float
) -> None:
    dimension = IntegerDimension(low=low, high=low + more, log=log)
    assert dimension.contains(dimension.at(position))
    assert dimension.at(dimension.position(low)) == low


def test_the_one_value_of_a_point_lies_in_its_middle() -> None:
    assert FloatDimension(low=2, high=2).position(2) == 0.5
