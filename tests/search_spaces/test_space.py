"""A search space: what is active, which point it makes, which it tries first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_spaces.dimensions import ConstantDimension, extremes
from search_spaces.input_choices import InputChoices
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.values import Value
from tests.strategies import drawn_values

MOMENTUM: dict[str, Any] = {
    "optimizer": {"choices": ["adam", "momentum"]},
    "momentum": {"low": 0.5, "high": 0.9, "when": {"optimizer": ["momentum"]}},
}
LAYERS: dict[str, Any] = {
    "depth": {"low": 1, "high": 3},
    "width_2": {"low": 8, "high": 16, "when": {"depth": {"at_least": 2}}},
    "width_3": {"low": 8, "high": 16, "when": {"depth": [3]}},
}


def _space(written: object) -> NetworkSpace:
    return NetworkSpace.model_validate(written)


def test_the_kind_of_a_range_is_told_from_the_hyperparameter() -> None:
    dimensions = _space({"depth": {"low": 1, "high": 3}, "keep_prob": {"low": 0.5, "high": 1}}).dimensions
    assert isinstance(dimensions["depth"], IntegerDimension)
    assert isinstance(dimensions["keep_prob"], FloatDimension)


def test_a_plain_value_is_short_for_a_constant() -> None:
    space = _space({"batch_size": 32, "width": {"value": 16}})
    assert space.dimensions["batch_size"] == ConstantDimension(value=32)
    assert space.searched_names == ()
    assert space.point({}).batch_size == 32


def test_the_order_of_the_dimensions_is_kept() -> None:
    assert _space(MOMENTUM).searched_names == ("optimizer", "momentum")


def test_a_dimension_is_active_only_under_its_condition() -> None:
    space = _space(MOMENTUM)
    assert space.is_active("momentum", {"optimizer": "momentum"})
    assert not space.is_active("momentum", {"optimizer": "adam"})
    assert space.is_active("optimizer", {})


def test_a_dimension_under_an_inactive_one_is_inactive() -> None:
    space = _space(
        {
            **MOMENTUM,
            "keep_prob": {"low": 0.5, "high": 1.0, "when": {"momentum": {"at_most": 0.7}}},
        }
    )
    assert not space.is_active("keep_prob", {"optimizer": "adam"})
    assert space.is_active("keep_prob", {"optimizer": "momentum", "momentum": 0.6})


def test_an_inactive_hyperparameter_has_its_stated_default() -> None:
    assert _space(MOMENTUM).point({"optimizer": "adam"}).momentum == 0.9


def test_a_constant_may_be_conditional_too() -> None:
    space = _space({"depth": {"low": 1, "high": 2}, "width_2": {"value": 5, "when": {"depth": 2}}})
    assert space.point({"depth": 2}).width_2 == 5
    assert space.point({"depth": 1}).width_2 is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "optimizer: a value is missing; expected adam, momentum"),
        ({"optimizer": "sgd"}, 'optimizer: expected adam, momentum, got "sgd"'),
        ({"optimizer": "momentum", "momentum": 0.95}, r"momentum: expected 0.5 to 0.9, got 0.95"),
        ({"optimizer": "adam", "momentum": 0.6}, "momentum: a value is given, but it is not searched"),
        ({"optimizer": "adam", "depth": 2}, "depth: a value is given, but it is not searched"),
    ],
)
def test_a_point_outside_the_space_is_refused(values: dict[str, Value], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _space(MOMENTUM).point(values)


def test_the_default_point_prefers_what_is_written_then_the_hyperparameters_own_then_the_middle() -> None:
    space = _space(
        {
            "keep_prob": {"low": 0.5, "high": 1.0, "default": 0.8},
            "width": {"low": 16, "high": 128},
            "learning_rate": {"low": 1e-2, "high": 1, "log": True},
            "activation": {"choices": ["tanh", "relu"]},
            "init_scheme": {"choices": ["xavier", "lecun"]},
        }
    )
    assert space.default_values() == pytest.approx(
        {"keep_prob": 0.8, "width": 64, "learning_rate": 0.1, "activation": "relu", "init_scheme": "xavier"}
    )


def test_the_default_point_leaves_inactive_dimensions_out() -> None:
    assert _space(MOMENTUM).default_values() == {"optimizer": "adam"}


@given(st.data())
def test_any_point_of_a_space_searched_layer_by_layer_is_valid(data: st.DataObject) -> None:
    space = _space(LAYERS)
    values = data.draw(drawn_values(space))
    point = space.point(values)
    assert len(point.layer_widths) == values["depth"]
    assert ("width_3" in values) == (values["depth"] == 3)


_depths: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.integers(1, 4),
    st.tuples(st.integers(1, 4), st.integers(0, 3)).map(lambda t: {"low": t[0], "high": t[0] + t[1]}),
    st.sets(st.integers(1, 4), min_size=1).map(lambda choices: {"choices": sorted(choices)}),
)
_conditions: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.integers(1, 4).map(lambda depth: {"depth": {"at_least": depth}}),
    st.sets(st.integers(1, 4), min_size=1).map(lambda depths: {"depth": sorted(depths)}),
    st.just({"optimizer": ["momentum"]}),
    st.just({"momentum": {"at_least": 0.6}}),
)


@given(st.data(), _depths, st.lists(_conditions, min_size=4, max_size=4), st.booleans())
def test_a_space_that_is_accepted_yields_valid_points_only(
    data: st.DataObject,
    depth: Any,  # noqa: ANN401 - None, a number or a table, as a user may write it
    conditions: list[dict[str, Any]],
    depth_is_conditional: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    written = dict(MOMENTUM)
    if depth is not None:
        ranged = depth if isinstance(depth, dict) else {"value": depth}
        when = {"when": {"optimizer": ["momentum"]}} if depth_is_conditional else {}
        written["depth"] = {**ranged, **when}
    for layer, when in enumerate(conditions, start=1):
        written[f"width_{layer}"] = {"low": 4, "high": 8, "when": when}
    try:
        space = _space(written)
    except ValidationError:
        return  # what is refused needs no points; that enough is accepted is shown by the layered space above
    space.point(data.draw(drawn_values(space)))
    space.point(space.default_values())


def test_a_space_comes_back_from_json_unchanged_in_value_and_order() -> None:
    space = _space({**MOMENTUM, **LAYERS, "batch_size": 64})
    again = NetworkSpace.model_validate_json(space.model_dump_json())
    assert again == space
    assert list(again.dimensions) == list(space.dimensions)


def test_a_space_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        _space(MOMENTUM).root = {}  # type: ignore[misc]


def test_a_space_without_a_dimension_is_without_what_depends_on_it() -> None:
    space = NetworkSpace.model_validate(
        {
            "depth": {"low": 1, "high": 3},
            "optimizer": {"choices": ["adam", "momentum"]},
            "momentum": {"low": 0.5, "high": 0.9, "when": {"optimizer": "momentum"}},
            "width_2": {"low": 8, "high": 16, "when": {"depth": {"at_least": 2}}},
        }
    )
    assert tuple(space.without({"optimizer"}).dimensions) == ("depth", "width_2")
    assert space.without(()) == space


@pytest.mark.parametrize(("written", "value"), [(True, "on"), (False, "off")])
def test_true_and_false_stand_for_a_switch(written: bool, value: str) -> None:  # noqa: FBT001 - as it is written
    space = NetworkSpace.model_validate({"batch_normalization": written})
    assert str(space.dimensions["batch_normalization"]) == value


def test_the_choices_of_inputs_are_those_that_points_may_ask_for_the_first_points_first() -> None:
    assert NetworkSpace.model_validate({"depth": 2}).input_choices() == (InputChoices(),)
    space = NetworkSpace.model_validate(
        {
            "numeric_scaling": {"choices": ["standard", "robust"], "default": "robust"},
            "numeric_encoding": "piecewise_linear",
            "high_cardinality_encoding": {
                "choices": ["target_statistics"],
                "when": {"numeric_scaling": "robust"},
            },
        }
    )
    first, *others = space.input_choices()
    assert first == space.point(space.default_values()).input_choices
    asked = {
        space.point({"numeric_scaling": "standard"}).input_choices,
        space.point(
            {"numeric_scaling": "robust", "high_cardinality_encoding": "target_statistics"}
        ).input_choices,
    }
    assert asked <= {first, *others}
    assert {choices.numeric_encoding for choices in (first, *others)} == {"piecewise_linear"}


CONDITIONAL_CONSTANT: dict[str, Any] = {
    **MOMENTUM,
    "beta_2": {"value": 0.95, "when": {"optimizer": ["adam"]}},
}


@pytest.mark.parametrize(
    "space",
    [
        *(load_preset(NetworkSpace, name) for name in preset_names(NetworkSpace)),
        *map(NetworkSpace.model_validate, (MOMENTUM, LAYERS, CONDITIONAL_CONSTANT)),
    ],
)
def test_a_value_by_itself_is_the_one_that_the_whole_point_has(space: NetworkSpace) -> None:
    points = [{}, *({name: end} for name in space.searched_names for end in extremes(space.dimensions[name]))]
    for some in points:
        values = space.completed(some)
        point = space.point(values).model_dump(mode="json")
        assert {name: space.value_at(name, values) for name in point} == point
