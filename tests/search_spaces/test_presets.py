"""The built-in search spaces are valid, described, and found by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.description import describe
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import UnknownPresetError, load_preset, preset_names, read_preset
from tests.strategies import drawn_values


def test_the_built_in_spaces_are_these() -> None:
    assert preset_names(NetworkSpace) == ("course-notes", "default", "optimizers", "small", "thorough")


def test_the_course_notes_search_their_five_hyperparameters_and_nothing_else() -> None:
    space = load_preset(NetworkSpace, "course-notes")
    assert set(space.dimensions) == {"learning_rate", "l2_lambda", "keep_prob", "depth", "init_scheme"}


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
@given(data=st.data())
def test_any_point_of_a_built_in_space_is_valid(name: str, data: st.DataObject) -> None:
    space = load_preset(NetworkSpace, name)
    values = data.draw(drawn_values(space))
    point = space.point(values)
    assert {key: getattr(point, key) for key in values} == values


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
def test_the_default_point_of_a_built_in_space_is_valid(name: str) -> None:
    space = load_preset(NetworkSpace, name)
    space.point(space.default_values())


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
def test_a_built_in_space_comes_back_from_json_unchanged(name: str) -> None:
    space = load_preset(NetworkSpace, name)
    assert NetworkSpace.model_validate_json(space.model_dump_json()) == space


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
def test_a_built_in_space_says_what_it_is_for_in_one_line(name: str) -> None:
    description = read_preset(NetworkSpace, name).description
    assert 0 < len(description) <= 100
    assert "\n" not in description


def test_a_default_that_the_metric_decides_is_described_as_such() -> None:
    network = load_preset(NetworkSpace, "default")
    assert {row.name: row.default for row in describe(network)}["class_balance"] == "by the metric"
    decided = network.with_defaults({"class_balance": 1.0})
    assert {row.name: row.default for row in describe(decided)}["class_balance"] == "1.0"


def test_an_unknown_built_in_space_offers_the_nearest() -> None:
    with pytest.raises(UnknownPresetError, match=r"no built-in search space 'smal'; did you mean small\?"):
        load_preset(NetworkSpace, "smal")


def test_a_space_is_described_row_by_row() -> None:
    momentum = {row.name: row for row in describe(load_preset(NetworkSpace, "optimizers"))}["momentum"]
    condition = "optimizer = nesterov or momentum"
    assert (momentum.kind, momentum.condition, momentum.default) == ("float", condition, "")
    width = {row.name: row for row in describe(load_preset(NetworkSpace, "default"))}["width"]
    assert (width.kind, width.values, width.default) == ("integer", "16 to 256 (log)", "64")
