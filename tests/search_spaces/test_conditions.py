"""Conditions: what they allow, how they are written, what they refuse."""

import pytest
from pydantic import TypeAdapter, ValidationError

from search_spaces.conditions import Condition, Conditions


def _condition(written: object) -> Condition:
    return TypeAdapter(Conditions).validate_python({"depth": written})["depth"]


def test_a_list_allows_each_of_its_values() -> None:
    condition = _condition(["momentum", "sgd"])
    assert condition.allows("sgd")
    assert not condition.allows("adam")


def test_a_plain_value_is_short_for_a_list_of_one() -> None:
    assert _condition("momentum") == _condition(["momentum"])


def test_bounds_are_included() -> None:
    condition = _condition({"at_least": 2, "at_most": 4})
    assert [depth for depth in range(8) if condition.allows(depth)] == [2, 3, 4]


def test_text_never_lies_within_bounds() -> None:
    assert not _condition({"at_least": 2}).allows("3")


def test_a_condition_reads_as_a_sentence() -> None:
    assert str(_condition(["sgd", "momentum"])) == "= sgd or momentum"
    assert str(_condition({"at_least": 2, "at_most": 4})) == ">= 2 and <= 4"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "needs at least one value, got an empty list"),
        ({}, "a list of values, or at_least, at_most"),
        ({"among": [1], "at_least": 1}, "a list of values, or at_least, at_most"),
        ({"at_least": 4, "at_most": 2}, "needs at_least <= at_most, got 4 and 2"),
        ({"atleast": 4}, "Extra inputs"),
        (True, "expected a value, a list of values or bounds, got true"),
        ({"at_least": "2"}, "valid number"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(written: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _condition(written)
