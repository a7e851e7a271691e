"""A grid's values are evenly spaced from end to end, and each is of its dimension."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.space import NetworkSpace
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from service.configuration.search_config import grid_size, grid_values


def test_ranges_are_divided_evenly_by_difference_or_by_factor() -> None:
    space = NetworkSpace.model_validate(
        {
            "learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
            "keep_prob": {"low": 0.5, "high": 1.0},
            "width": {"low": 8, "high": 64, "step": 8},
            "depth": {"low": 1, "high": 2},
            "optimizer": {"choices": ["adam", "momentum"]},
            "batch_size": 64,
        }
    )
    values = grid_values(space, points=3)
    assert values.keys() == {"learning_rate", "keep_prob", "width", "depth", "optimizer"}
    assert values["learning_rate"] == pytest.approx((1e-4, 1e-2, 1.0))
    assert values["keep_prob"] == (0.5, 0.75, 1.0)
    assert values["width"] == (8, 40, 64)
    assert values["depth"] == (1, 2)
    assert values["optimizer"] == ("adam", "momentum")
    assert grid_size(space, points=3) == 3 * 3 * 3 * 2 * 2
    assert grid_values(space, points=1)["width"] == (32,)


floats = st.builds(
    lambda low, ratio, log: FloatDimension(low=low, high=low * ratio, log=log),
    st.floats(1e-6, 1e6),
    st.floats(1.0, 1e6),
    st.booleans(),
)
integers = st.builds(
    lambda low, n, step: IntegerDimension(low=low, high=low + n * step, step=step),
    st.integers(1, 1000),
    st.integers(0, 40),
    st.integers(1, 9),
)
log_integers = st.builds(
    lambda low, n: IntegerDimension(low=low, high=low + n, log=True), st.integers(1, 99), st.integers(0, 999)
)


@given(floats, integers | log_integers, st.integers(1, 30))
def test_each_value_is_of_its_dimension_and_stands_there_once(
    rate: FloatDimension, width: IntegerDimension, points: int
) -> None:
    space = SearchSpace.model_construct({"learning_rate": rate, "width": width})
    for name, values in grid_values(space, points=points).items():
        dimension = space.dimensions[name]
        assert all(dimension.contains(value) for value in values)
        assert list(values) == sorted(set(values))
        assert len(values) <= points
        if points > 1:
            assert (values[0], values[-1]) == (dimension.low, dimension.high)  # type: ignore[union-attr]
