"""Choices and constants: what they contain, and what they refuse."""

import pytest
from pydantic import ValidationError

from search_spaces.dimensions import CategoricalDimension, ConstantDimension


def test_a_choice_contains_its_choices_and_begins_with_the_first() -> None:
    dimension = CategoricalDimension(choices=("relu", "tanh"))
    assert dimension.middle == "relu"
    assert dimension.contains("tanh")
    assert not dimension.contains("sigmoid")


def test_choices_keep_their_types() -> None:
    assert [type(choice) for choice in CategoricalDimension(choices=(1, 2.0, "3")).choices] == [
        int,
        float,
        str,
    ]


def test_a_constant_contains_its_value_alone() -> None:
    assert ConstantDimension(value=64).contains(64)
    assert not ConstantDimension(value=64).contains(32)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"choices": []}, "choices: a choice needs at least one value"),
        (
            {"choices": ["relu", "relu"]},
            'choices: expected each value only once in a choice, got "relu" twice',
        ),
        ({"choices": [1, 1.0]}, "only once in a choice"),
        (
            {"choices": ["relu", "tanh"], "default": "he"},
            'default: expected a default in relu, tanh, got default = "he"',
        ),
        ({"choices": [True]}, "expected a number or text, got true"),
        ({"choices": [float("nan")]}, "expected a finite number, got nan"),
        ({"choices": [["relu"]]}, "expected a number or text, got a list"),
    ],
)
def test_a_choice_that_contradicts_itself_is_refused(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CategoricalDimension.model_validate(written)
