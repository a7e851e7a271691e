"""Ranges of the user's own model are moved without knowing their limits: what is above 0 stays there."""

from typing import Any

import pytest

from search_spaces.own.space import OwnSpace
from search_spaces.ranges import FloatDimension, IntegerDimension
from service.advice.space_changes import moved


@pytest.mark.parametrize(
    ("written", "low"),
    [
        ({"low": 2, "high": 12}, 1),
        ({"low": 10, "high": 12}, 9),
        ({"low": 0.5, "high": 4.0}, 0.25),
        ({"low": 1e-4, "high": 1e-2, "log": True}, 1e-5),
        ({"low": 1, "high": 30, "log": True}, 1),
        ({"low": -2.0, "high": 2.0}, -4),
        ({"low": 0, "high": 4}, -2),
    ],
)
def test_a_range_above_0_stays_above_0(written: dict[str, Any], low: float) -> None:
    dimension = OwnSpace.model_validate({"x": written}).dimensions["x"]
    assert isinstance(dimension, FloatDimension | IntegerDimension)
    range_ = moved("x", dimension, low=-0.5, high=0.5, values=(), fields=OwnSpace.fields)
    assert range_.low == pytest.approx(low)
