"""A search space: which hyperparameters are searched, over which values, under which conditions."""

from collections.abc import Collection, Mapping
from itertools import product
from typing import ClassVar, Self

from pydantic import ConfigDict, RootModel, model_validator

from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension, extremes
from search_spaces.fields import Fields
from search_spaces.input_choices import InputChoices
from search_spaces.point import Point
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.rules import check_dimensions
from search_spaces.shorthand import with_kinds
from search_spaces.values import Value, found


class SearchSpace(RootModel[dict[str, Dimension]]):
    """Dimensions by hyperparameter, in the order in which they are searched; frozen.

    Each kind of model has a space of its own. Written as a mapping: a range `{"low": 1, "high": 4}`, a choice
    `{"choices": ["relu", "tanh"]}`, or a plain value for a constant. Hyperparameters that it leaves out have
    their stated default.

    Raises
    ------
    pydantic.ValidationError
        An unknown hyperparameter or key, a value of the wrong type, or (as `ContradictionError`) a
        contradiction, down to a space from which an invalid point could be drawn.
    """

    model_config = ConfigDict(frozen=True)

    fields: ClassVar[Fields]
    """What may be searched."""

    @property
    def dimensions(self) -> dict[str, Dimension]:
        """All dimensions, constants too, by name."""
        return dict(self.root)

    @property
    def searched_names(self) -> tuple[str, ...]:
        """Names of the dimensions that are no constants, in order."""
        return tuple(name for name, dim in self.root.items() if not isinstance(dim, ConstantDimension))

    @classmethod
    def kind(cls) -> str:
        """Name of the kind of model."""
        return cls.fields.point_type.kind

    @classmethod
    def check_own_rules(cls, dimensions: Mapping[str, Dimension]) -> None:
        """Refuse dimensions that break a rule which this kind of model alone has.

        Raises
        ------
        ContradictionError
            For the first rule that is broken.
        """

    def is_active(self, name: str, values: Mapping[str, Value]) -> bool:
        """Whether the dimension `name` is searched, given the `values` of the earlier ones that are.

        A condition holds only where the dimension it names is itself active.

        Raises
        ------
        KeyError
            `name` is no dimension of this space, or an earlier value that it depends on is missing.
        """
        return all(
            self.is_active(other, values) and condition.allows(self._value(other, values))
            for other, condition in self.root[name].when.items()
        )

    def point(self, values: Mapping[str, Value]) -> Point:
        """Make the validated point from the value of each active searched dimension.

        Raises
        ------
        ValueError
            A value is missing, outside its dimension, or given for a dimension that is not searched there.
        """
        chosen: dict[str, Value] = {}
        for name, dimension in self.root.items():
            if not self.is_active(name, chosen):
                continue
            if not isinstance(dimension, ConstantDimension) and name not in values:
                raise ValueError(f"{name}: a value is missing; expected {dimension}")
            value = self._value(name, values)
            if not dimension.contains(value):
                raise ValueError(f"{name}: expected {dimension}, got {found(value)}")
            chosen[name] = value
        searched = self.searched_names
        for name in values:
            if name not in chosen or name not in searched:
                raise ValueError(f"{name}: a value is given, but it is not searched")
        return self.fields.point_type.model_validate(chosen)

    def value_at(self, name: str, values: Mapping[str, Value]) -> Value | None:
        """Return a point's value of one hyperparameter, without building and validating the point.

        Parameters
        ----------
        name
            The hyperparameter, whether or not it is a dimension of this space.
        values
            The value of each active searched dimension, as for `point`.
        """
        if name in values:
            return values[name]
        dimension = self.root.get(name)
        if isinstance(dimension, ConstantDimension) and self.is_active(name, values):
            return dimension.value
        return self.fields.default_of(name) if name in self.fields.names else None

    def without(self, names: Collection[str]) -> Self:
        """Return the space less some dimensions, and less those that depend on them."""
        kept: dict[str, Dimension] = {}
        for name, dimension in self.root.items():
            if name not in names and all(other in kept for other in dimension.when):
                kept[name] = dimension
        return self.model_validate(kept)

    def default_values(self) -> dict[str, Value]:
        """Return the point to try first: the default of each active searched dimension.

        That is the dimension's own default, else the hyperparameter's where the dimension contains it,
        else the middle of the range (geometric on a log range) or the first choice.
        """
        return self.completed({})

    @property
    def left_to_the_metric(self) -> tuple[str, ...]:
        """Names of searched dimensions without a default of their own, for the study's metric to decide."""
        return tuple(
            name
            for name, dimension in self.root.items()
            if name in self.fields.follow_metric
            and not isinstance(dimension, ConstantDimension)
            and dimension.default is None
        )

    def with_defaults(self, defaults: Mapping[str, float]) -> Self:
        """Return the space with defaults of some searched dimensions of numbers.

        Parameters
        ----------
        defaults
            By name; of a dimension that does not contain the number, its end or choice that is nearest.
        """
        dimensions = self.dimensions
        for name, number in defaults.items():
            dimension = dimensions[name]
            values = [float(value) for value in extremes(dimension)]
            if dimension.contains(number):
                values.append(number)
            nearest = _as_searched(dimension, min(values, key=lambda value: abs(value - number)))
            dimensions[name] = dimension.model_copy(update={"default": nearest})
        return self.model_validate(dimensions)

    def completed(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """Return a point from some of its values: the default, as for the first point, where none is given.

        A value given for a dimension that is not active with the others is left out; whether the rest lie in
        their dimensions is for `point` to say.
        """
        chosen: dict[str, Value] = {}
        for name, dimension in self.root.items():
            if isinstance(dimension, ConstantDimension) or not self.is_active(name, chosen):
                continue
            stated = self.fields.default_of(name)
            if name in given:
                chosen[name] = _as_searched(dimension, given[name])
            elif dimension.default is not None:
                chosen[name] = dimension.default
            elif stated is not None and dimension.contains(stated):
                chosen[name] = stated
            else:
                chosen[name] = dimension.middle
        return chosen

    def input_choices(self) -> tuple[InputChoices, ...]:
        """Return the choices that its points may ask for; the first, that of the default point."""
        per_name, names = [], [name for name in InputChoices._fields if name in self.fields.names]
        for name in names:
            dimension = self.root.get(name)
            values = extremes(dimension) if dimension is not None else ()
            is_always_searched = dimension is not None and not dimension.when
            unsearched = () if is_always_searched else (self.fields.default_of(name),)
            per_name.append(sorted({str(value) for value in (*values, *unsearched)}))
        first = self.point(self.default_values()).input_choices
        points = (dict(zip(names, values, strict=True)) for values in product(*per_name))
        choices = [self.fields.point_type.model_validate(point).input_choices for point in points]
        return (first, *(others for others in choices if others != first))

    def _value(self, name: str, values: Mapping[str, Value]) -> Value:
        dimension = self.root[name]
        return dimension.value if isinstance(dimension, ConstantDimension) else values[name]

    @model_validator(mode="before")
    @classmethod
    def _with_kinds(cls, raw: object) -> object:
        return with_kinds(raw, cls.fields) if isinstance(raw, dict) else raw

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        check_dimensions(self.root, self.fields)
        self.check_own_rules(self.root)
        return self


def _as_searched(dimension: Dimension, value: Value) -> Value:
    """Return a given number as a float or a whole number, whichever is searched: 2.0 stands for 2."""
    if isinstance(dimension, CategoricalDimension) and value in dimension.choices:
        return dimension.choices[dimension.choices.index(value)]
    if isinstance(dimension, FloatDimension) and not isinstance(value, str):
        return float(value)
    if isinstance(dimension, IntegerDimension) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value
