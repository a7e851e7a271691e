"""Hypothesis strategies that several rooms' tests share."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.ranges import IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value


def values_of(dimension: Dimension) -> SearchStrategy[Value]:
    """Any value that the dimension contains."""
    if isinstance(dimension, CategoricalDimension):
        return st.sampled_from(dimension.choices)
    if isinstance(dimension, ConstantDimension):
        return st.just(dimension.value)
    if isinstance(dimension, IntegerDimension):
        return st.sampled_from(range(dimension.low, dimension.high + 1, dimension.step))
    return st.floats(dimension.low, dimension.high)


@st.composite
def drawn_values(draw: DrawFn, space: SearchSpace) -> dict[str, Value]:
    """Values of the active searched dimensions, drawn in order as a sampler draws them."""
    values: dict[str, Value] = {}
    for name in space.searched_names:
        if space.is_active(name, values):
            values[name] = draw(values_of(space.dimensions[name]))
    return values
