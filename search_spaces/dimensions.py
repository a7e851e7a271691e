"""The kinds of dimension of a search space: the two ranges, the choice among values, the constant."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from search_spaces.conditions import Conditions
from search_spaces.contradiction import ContradictionError
from search_spaces.default_rule import check_default
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.values import Value, found


class CategoricalDimension(BaseModel):
    """A choice among values without order.

    Raises
    ------
    ContradictionError
        No choice, one given twice, or a default that is not among them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: Literal["categorical"] = "categorical"
    """Optional: inferred from `choices`."""

    choices: tuple[Value, ...]
    """The values to choose among."""

    default: Value | None = None
    """The choice that trial 0 tries."""

    when: Conditions = {}
    """Conditions on earlier dimensions under which this one is searched."""

    def contains(self, value: Value) -> bool:
        """Whether `value` is one of the choices."""
        return value in self.choices

    @property
    def middle(self) -> Value:
        """The first choice: values without order have no middle."""
        return self.choices[0]

    def __str__(self) -> str:
        return ", ".join(map(str, self.choices))

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if not self.choices:
            raise ContradictionError("a choice needs at least one value, got an empty list", ("choices",))
        for choice in self.choices:
            if self.choices.count(choice) > 1:
                raise ContradictionError(
                    f"expected each value only once in a choice, got {found(choice)} twice", ("choices",)
                )
        check_default(self, self.default)
        return self


class ConstantDimension(BaseModel):
    """A hyperparameter that is fixed; in TOML the plain value is short for it: `batch_size = 64`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: Literal["constant"] = "constant"
    """Optional: inferred from `value`."""

    value: Value
    """The value of every trial."""

    when: Conditions = {}
    """Conditions on earlier dimensions under which the hyperparameter has this value."""

    def contains(self, value: Value) -> bool:
        """Whether `value` is the constant's."""
        return value == self.value

    def __str__(self) -> str:
        return str(self.value)


Dimension = Annotated[
    FloatDimension | IntegerDimension | CategoricalDimension | ConstantDimension, Field(discriminator="kind")
]


def extremes(dimension: Dimension) -> tuple[Value, ...]:
    """Return a dimension's values, or the ends of its range."""
    match dimension:
        case CategoricalDimension():
            return dimension.choices
        case ConstantDimension():
            return (dimension.value,)
        case FloatDimension() | IntegerDimension():
            return (dimension.low, dimension.high)
