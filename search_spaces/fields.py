"""The hyperparameters of a kind of model by name, and which values each accepts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from math import inf

from pydantic import ConfigDict, TypeAdapter, ValidationError

from search_spaces.contradiction import ContradictionError
from search_spaces.expectation import expectation
from search_spaces.nearest_word import hint, nearest_word
from search_spaces.point import Point
from search_spaces.values import Value, found


@dataclass(frozen=True, slots=True)
class Reader:
    """A hyperparameter that is read where `other` is one of `values`."""

    other: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.other} = {' or '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Fields:
    """What a space may search.

    Attributes
    ----------
    point_type
        The kind's hyperparameters.
    readers
        By name, those that not every model reads.
    only_classes_have
        Those that no regression reads.
    only_numbers_have
        Those that no classification reads.
    only_dates_have
        Those that are read of columns of dates alone.
    no_strength
        Those that hold a model back from fitting its train set, each with the value that does nothing: at one
        end of what is allowed; the farther from it, the stronger.
    follow_metric
        Numbers whose value at the default point is the study's metric's to decide, where a space has none.
    """

    point_type: type[Point]
    readers: Mapping[str, Reader] = field(default_factory=dict)
    only_classes_have: tuple[str, ...] = ()
    only_numbers_have: tuple[str, ...] = ("target_scale",)
    only_dates_have: tuple[str, ...] = ()
    no_strength: Mapping[str, float] = field(default_factory=dict)
    follow_metric: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the order of the model."""
        return tuple(self.point_type.model_fields)

    def check_name(self, name: str) -> None:
        """Refuse a name that is no hyperparameter.

        Raises
        ------
        ContradictionError
            Offering the nearest right name.
        """
        if name not in self.point_type.model_fields:
            raise ContradictionError(f"no such hyperparameter; {hint(name, self.names)}", (name,))

    def check_value(self, name: str, value: Value, path: tuple[str, ...]) -> None:
        """Refuse a value that `name` cannot take; `path` says where the value is written.

        Raises
        ------
        ContradictionError
            Naming what is expected and what was found.
        """
        choices = self.choices_of(name)
        try:
            _adapter(self.point_type, name).validate_python(value, strict=None if choices else True)
        except ValidationError as error:
            near = nearest_word(value, choices) if isinstance(value, str) else None
            nearest = f"; did you mean {near}?" if near else ""
            expected = expectation(self.point_type.model_fields[name])
            message = f"expected {expected}, got {found(value)}{nearest}"
            raise ContradictionError(message, path) from error

    def default_of(self, name: str) -> Value | None:
        """Return the value of `name` in a study that leaves it out; None if another one replaces it."""
        default: Value | None = self.point_type.model_fields[name].default
        return default.value if isinstance(default, Enum) else default

    def is_whole(self, name: str) -> bool:
        """Whether `name` is a whole number."""
        return self.point_type.model_fields[name].annotation in (int, int | None)

    def limits_of(self, name: str) -> tuple[float, float]:
        """Return the least and the greatest value of `name`, a number; infinite without."""
        low, high = -inf, inf
        for constraint in self.point_type.model_fields[name].metadata:
            low = max(low, getattr(constraint, "ge", -inf), getattr(constraint, "gt", -inf))
            high = min(high, getattr(constraint, "le", inf), getattr(constraint, "lt", inf))
        return low, high

    def choices_of(self, name: str) -> tuple[str, ...]:
        """Return the words that `name` accepts; none where it is a number."""
        annotation = self.point_type.model_fields[name].annotation
        if isinstance(annotation, type) and issubclass(annotation, Enum):
            return tuple(member.value for member in annotation)
        return ()


@cache
def _adapter(point_type: type[Point], name: str) -> TypeAdapter[object]:
    annotation = point_type.model_fields[name].rebuild_annotation()
    # A type that is itself a model or an enum takes no configuration; it needs none either.
    is_enum = isinstance(annotation, type) and issubclass(annotation, Enum)
    return TypeAdapter(annotation, config=None if is_enum else ConfigDict(allow_inf_nan=False))
