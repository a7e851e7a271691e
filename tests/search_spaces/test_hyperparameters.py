"""A point is valid or is not made."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from search_spaces.network.point import MAX_DEPTH, NetworkPoint
from search_spaces.network.regularizers import NO_STRENGTH
from search_spaces.network.space import FIELDS


def test_what_a_study_leaves_out_has_its_stated_default() -> None:
    point = NetworkPoint()
    assert (point.learning_rate, point.depth, point.width, point.keep_prob) == (1e-3, 2, 64, 1.0)


def test_a_layer_without_a_width_of_its_own_has_the_common_one() -> None:
    assert NetworkPoint(depth=3, width=16, width_2=128).layer_widths == (16, 128, 16)


def test_a_width_of_its_own_for_a_layer_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match="width_3 is given, but depth = 2 has no layer 3"):
        NetworkPoint(depth=2, width_3=16)


@pytest.mark.parametrize(
    "wrong",
    [
        {"keep_prob": 0.0},
        {"keep_prob": 1.1},
        {"depth": 0},
        {"depth": MAX_DEPTH + 1},
        {"learning_rate": 0.0},
        {"learning_rate": float("inf")},
        {"momentum": 1.0},
        {"l2_lambda": -1.0},
        {"optimizer": "adamm"},
    ],
)
def test_a_value_outside_its_range_is_refused(wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(ValidationError, match=name):
        NetworkPoint.model_validate(wrong)


def test_a_name_that_is_no_hyperparameter_is_refused() -> None:
    with pytest.raises(ValidationError, match="learning_rat"):
        NetworkPoint.model_validate({"learning_rat": 0.1})


@given(
    depth=st.integers(1, MAX_DEPTH),
    learning_rate=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
    keep_prob=st.floats(0.0, 1.0, exclude_min=True),
)
def test_a_point_comes_back_from_json_unchanged(depth: int, learning_rate: float, keep_prob: float) -> None:
    point = NetworkPoint(depth=depth, learning_rate=learning_rate, keep_prob=keep_prob)
    assert NetworkPoint.model_validate_json(point.model_dump_json()) == point


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("keep_prob", (0, 1)),
        ("depth", (1, MAX_DEPTH)),
        ("learning_rate", (0, inf)),
        ("rotation_degrees", (0, 180)),
    ],
)
def test_limits_are_those_that_validation_has(name: str, limits: tuple[float, float]) -> None:
    assert FIELDS.limits_of(name) == limits


@pytest.mark.parametrize("name", NO_STRENGTH)
def test_no_strength_is_the_default_and_a_limit(name: str) -> None:
    assert NO_STRENGTH[name] == FIELDS.default_of(name)
    assert NO_STRENGTH[name] in FIELDS.limits_of(name)
