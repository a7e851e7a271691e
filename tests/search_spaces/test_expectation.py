"""What a field accepts is said in words that people use."""

import pytest
from pydantic import BaseModel, Field

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.expectation import expectation
from search_spaces.network.point import NetworkPoint


class _Sample(BaseModel):
    text: str | None = None
    table: NetworkPoint = NetworkPoint()
    mapping: dict[str, int] = Field(default={})
    flag: bool = False
    share: float = Field(default=0.0, ge=0, lt=1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("depth", "a whole number of at least 1 and at most 8"),
        ("width_3", "a whole number of at least 1 and at most 8192"),
        ("keep_prob", "a number above 0 and at most 1"),
        ("optimizer", "one of sgd, momentum, nesterov, rmsprop, adam, adamw"),
    ],
)
def test_a_hyperparameter_is_described_by_its_own_constraints(name: str, words: str) -> None:
    assert expectation(NetworkPoint.model_fields[name]) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text", "text"),
        ("table", "a table"),
        ("mapping", "a table"),
        ("flag", "true or false"),
        ("share", "a number of at least 0 and below 1"),
    ],
)
def test_each_kind_of_field_has_its_words(name: str, words: str) -> None:
    assert expectation(_Sample.model_fields[name]) == words


def test_a_union_of_plain_values_and_a_list_of_them_have_their_words() -> None:
    assert expectation(ConstantDimension.model_fields["value"]) == "a number or text"
    assert expectation(CategoricalDimension.model_fields["choices"]) == "a list"
    assert expectation(CategoricalDimension.model_fields["kind"]) == "one of categorical"
