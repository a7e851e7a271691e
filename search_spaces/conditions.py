"""When a dimension is searched: a condition on the value of another."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Number, Value, found


class Condition(BaseModel):
    """What another dimension's value must be: one of those listed, or within bounds (both included).

    Raises
    ------
    ContradictionError
        Neither list nor bounds, both at once, an empty list, or bounds that exclude each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    among: tuple[Value, ...] | None = None
    """The values that fulfill the condition."""

    at_least: Number | None = None
    """The least value that fulfills the condition."""

    at_most: Number | None = None
    """The greatest value that fulfills the condition."""

    def allows(self, value: Value) -> bool:
        """Whether `value` fulfills the condition; text never lies within bounds."""
        if self.among is not None:
            return value in self.among
        if isinstance(value, str):
            return False
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    @model_validator(mode="after")
    def _is_one_condition(self) -> Self:
        bounded = self.at_least is not None or self.at_most is not None
        if bounded == (self.among is not None):
            raise ContradictionError("expected a list of values, or at_least, at_most or both")
        if self.among == ():
            raise ContradictionError("a condition needs at least one value, got an empty list")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ContradictionError(
                f"a condition needs at_least <= at_most, got {self.at_least:g} and {self.at_most:g}"
            )
        return self

    def __str__(self) -> str:
        if self.among is not None:
            return "= " + " or ".join(map(str, self.among))
        bounds = ((">=", self.at_least), ("<=", self.at_most))
        return " and ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


def _spelled_out(raw: object) -> object:
    if isinstance(raw, dict | Condition):
        return raw
    if isinstance(raw, list | tuple):
        return {"among": raw}
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ContradictionError(f"expected a value, a list of values or bounds, got {found(raw)}")
    return {"among": [raw]}


Conditions = dict[
    str,
    Annotated[
        Condition, BeforeValidator(_spelled_out, json_schema_input_type=Value | list[Value] | Condition)
    ],
]
"""By the name of an earlier dimension: all must hold, and each only where that dimension is itself active."""
