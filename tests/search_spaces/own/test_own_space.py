"""Spaces of the user's own model: any name, any value, whole numbers where the ends are."""

import pickle
import re

import pytest
from pydantic import ValidationError

from search_spaces.derivation import derived_space
from search_spaces.kinds import space_type
from search_spaces.own.point import OwnPoint
from search_spaces.own.space import OwnSpace
from search_spaces.ranges import FloatDimension, IntegerDimension

WRITTEN = {
    "max_depth": {"low": 2, "high": 12},
    "rate": {"low": 1, "high": 10.0, "log": True},
    "criterion": {"choices": ["gini", "entropy"]},
    "copy": 3,
    "kind": {"low": 0.5, "high": 2.0, "when": {"criterion": ["gini"]}},
}
"""With names that pydantic's models have too."""


def test_a_range_with_whole_ends_is_one_of_whole_numbers() -> None:
    dimensions = OwnSpace.model_validate(WRITTEN).dimensions
    assert isinstance(dimensions["max_depth"], IntegerDimension)
    assert isinstance(dimensions["rate"], FloatDimension)
    assert isinstance(dimensions["kind"], FloatDimension)


def test_a_space_is_kept_and_read_as_it_was() -> None:
    space = OwnSpace.model_validate(WRITTEN)
    assert OwnSpace.model_validate_json(space.model_dump_json()) == space


def test_a_point_has_the_values_by_name_and_crosses_processes() -> None:
    space = OwnSpace.model_validate(WRITTEN)
    point = space.point({"max_depth": 5, "rate": 2.0, "criterion": "gini", "kind": 1.0})

    assert isinstance(point, OwnPoint)
    assert point.arguments == {"max_depth": 5, "rate": 2.0, "criterion": "gini", "copy": 3, "kind": 1.0}
    again = pickle.loads(pickle.dumps(point))  # noqa: S301
    assert again == point
    assert again.arguments == point.arguments


def test_what_is_not_active_is_no_argument() -> None:
    point = OwnSpace.model_validate(WRITTEN).point({"max_depth": 5, "rate": 2.0, "criterion": "entropy"})
    assert isinstance(point, OwnPoint)
    assert "kind" not in point.arguments


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"seed": {"low": 0, "high": 9}}, "the study gives seed by itself"),
        ({"max depth": 3}, "expected the name of an argument in Python, got 'max depth'"),
        ({"lambda": 3}, "expected the name of an argument in Python, got 'lambda'"),
        ({"deep": True}, "expected a number or text, got true"),
        ({"depth": {"low": 3, "high": 1}}, "a range needs low <= high"),
    ],
)
def test_what_no_function_can_take_is_refused(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        OwnSpace.model_validate(written)


@pytest.mark.parametrize("written", ["default", {"base": "default"}])
def test_there_is_no_built_in_space(written: object) -> None:
    with pytest.raises(ValueError, match="a model of one's own has no built-in search space"):
        derived_space(written, OwnSpace)


def test_the_kind_is_known_by_its_name() -> None:
    assert space_type("own") is OwnSpace
