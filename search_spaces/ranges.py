"""Dimensions that are ranges of numbers: of real ones, of whole ones."""

from math import ceil, exp, log, sqrt
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from search_spaces.conditions import Conditions
from search_spaces.contradiction import ContradictionError
from search_spaces.default_rule import check_default
from search_spaces.values import Number, Value, WholeNumber, YesNo


class FloatDimension(BaseModel):
    """A range of real numbers.

    Raises
    ------
    ContradictionError
        low > high, a log range that touches 0, or a default outside the range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: Literal["float"] = "float"
    """Optional: inferred from the hyperparameter."""

    low: Number
    """Least value, included."""

    high: Number
    """Greatest value, included."""

    log: YesNo = False
    """Search the value's logarithm."""

    default: Number | None = None
    """The value that trial 0 tries."""

    when: Conditions = {}
    """Conditions on earlier dimensions under which this one is searched."""

    def contains(self, value: Value) -> bool:
        """Whether `value` lies in the range."""
        return not isinstance(value, str) and self.low <= value <= self.high

    def first_from(self, bound: float) -> float:
        """Return the range's least value of at least `bound`; above `high` if there is none."""
        return max(self.low, bound)

    def position(self, value: float) -> float:
        """Return where a value lies between low, 0, and high, 1, on the range's own scale; 0.5 in a point."""
        return _position(self, value)

    def at(self, position: float) -> float:
        """Return the value at a position; below 0 and above 1 it lies outside the range."""
        return _at(self, position)

    @property
    def middle(self) -> float:
        """Halfway between low and high: their geometric mean on a log range."""
        middle = sqrt(self.low) * sqrt(self.high) if self.log else self.low / 2 + self.high / 2
        return min(max(middle, self.low), self.high)

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{' (log)' if self.log else ''}"

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        _check_range(self)
        return self


class IntegerDimension(BaseModel):
    """A range of whole numbers: `low`, `low + step`, … up to `high`.

    Raises
    ------
    ContradictionError
        low > high, a log range that touches 0 or has a step, an end or a default off the step or outside.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: Literal["integer"] = "integer"
    """Optional: inferred from the hyperparameter."""

    low: WholeNumber
    """Least value, included."""

    high: WholeNumber
    """Greatest value, included."""

    log: YesNo = False
    """Search the value's logarithm."""

    step: WholeNumber = Field(default=1, ge=1)
    """Distance from one value to the next; 1 on a log range."""

    default: WholeNumber | None = None
    """The value that trial 0 tries."""

    when: Conditions = {}
    """Conditions on earlier dimensions under which this one is searched."""

    def contains(self, value: Value) -> bool:
        """Whether `value` is a whole number of the range, on its step."""
        return (
            isinstance(value, int) and self.low <= value <= self.high and (value - self.low) % self.step == 0
        )

    def first_from(self, bound: float) -> int:
        """Return the least value on the step of at least `bound`; above `high` if there is none."""
        return self.low + max(0, ceil((bound - self.low) / self.step)) * self.step

    def position(self, value: float) -> float:
        """Return where a value lies between low, 0, and high, 1, on the range's own scale; 0.5 in a point."""
        return _position(self, value)

    def at(self, position: float) -> int:
        """Return the whole number nearest to a position, on no step; below 0 and above 1 it lies outside."""
        return round(_at(self, position))

    @property
    def middle(self) -> int:
        """Halfway between low and high, on the step: their geometric mean, rounded, on a log range."""
        if self.log:
            return min(max(round(sqrt(self.low) * sqrt(self.high)), self.low), self.high)
        return self.low + (self.high - self.low) // (2 * self.step) * self.step

    def __str__(self) -> str:
        note = " (log)" if self.log else f" in steps of {self.step}" if self.step > 1 else ""
        return f"{self.low} to {self.high}{note}"

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.log and self.step != 1:
            raise ContradictionError(f"a log range has no step, got step = {self.step}", ("step",))
        _check_range(self)
        if not self.contains(self.high):
            nearest = self.high - (self.high - self.low) % self.step
            raise ContradictionError(
                f"high is reached in steps of {self.step} from low = {self.low},"
                f" got high = {self.high}; the nearest below is {nearest}",
                ("high",),
            )
        return self


def _position(dimension: FloatDimension | IntegerDimension, value: float) -> float:
    if dimension.low == dimension.high:
        return 0.5
    low, high, place = (
        (log(number) if dimension.log else number) for number in (dimension.low, dimension.high, value)
    )
    return (place - low) / (high - low)


def _at(dimension: FloatDimension | IntegerDimension, position: float) -> float:
    if dimension.log:
        low, high = log(dimension.low), log(dimension.high)
        return exp(low + position * (high - low))
    return dimension.low + position * (dimension.high - dimension.low)


def _check_range(dimension: FloatDimension | IntegerDimension) -> None:
    if dimension.low > dimension.high:
        raise ContradictionError(
            f"a range needs low <= high, got low = {dimension.low}, high = {dimension.high}", ("low",)
        )
    if dimension.log and dimension.low <= 0:
        raise ContradictionError(f"a log range needs low > 0, got low = {dimension.low}", ("low",))
    check_default(dimension, dimension.default)
