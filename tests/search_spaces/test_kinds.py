"""Every kind of model has a space, with built-in ones that are valid and begin where they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.boosting.point import BoostingPoint
from search_spaces.input_choices import Representation
from search_spaces.kinds import SPACES, space_type
from search_spaces.linear.point import LinearPoint
from search_spaces.presets import preset_names, read_preset
from search_spaces.values import Value
from tests.strategies import drawn_values

BUILT_IN = [(kind, name) for kind, space in SPACES.items() for name in preset_names(space)]


@pytest.mark.parametrize("kind", SPACES)
def test_a_kind_has_a_default_space_and_a_small_one(kind: str) -> None:
    assert {"default", "small"} <= set(preset_names(space_type(kind)))


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
@given(data=st.data())
def test_any_point_of_a_built_in_space_is_valid(kind: str, name: str, data: st.DataObject) -> None:
    space = read_preset(space_type(kind), name).space
    values = data.draw(drawn_values(space))
    point = space.point(values)
    assert {key: getattr(point, key) for key in values} == values
    assert point.kind == kind


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_a_built_in_space_says_what_it_is_for_in_one_line(kind: str, name: str) -> None:
    description = read_preset(space_type(kind), name).description
    assert 0 < len(description) <= 100
    assert "\n" not in description


@pytest.mark.parametrize(
    ("kind", "none_of_it"),
    [("boosting", {"l2_regularization": 1e-3}), ("linear", {})],
)
@pytest.mark.parametrize("name", ["default", "small"])
def test_boosted_trees_and_linear_models_begin_with_scikit_learns_defaults(
    kind: str, name: str, none_of_it: dict[str, Value]
) -> None:
    """But for what a log range cannot reach: its low end is as good as none."""
    space = read_preset(space_type(kind), name).space
    first = space.point(space.default_values())
    changed = {key: value for key, value in none_of_it.items() if key in space.dimensions}
    assert first == space.fields.point_type.model_validate(changed)


def test_trees_read_cells_as_they_are_and_linear_models_what_networks_do() -> None:
    assert BoostingPoint().input_choices.representation is Representation.RAW
    assert LinearPoint().input_choices.representation is Representation.SCALED
    assert BoostingPoint(learning_rate=0.5).input_choices == BoostingPoint().input_choices


def test_each_choice_of_a_linear_models_inputs_is_prepared() -> None:
    choices = read_preset(space_type("linear"), "default").space.input_choices()
    assert len(choices) == len(set(choices)) == 24
    assert len(read_preset(space_type("boosting"), "default").space.input_choices()) == 1
