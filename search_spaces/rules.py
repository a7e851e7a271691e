"""The rules of a search space: each point drawn from it is valid, each dimension can be active.

What a dimension can get wrong by itself is refused by the dimension.
"""

from collections.abc import Mapping

from search_spaces.activity import allowed_value, conditions_over
from search_spaces.conditions import Condition
from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.fields import Fields
from search_spaces.nearest_word import hint, nearest_word
from search_spaces.values import Value, found


def check_dimensions(dimensions: Mapping[str, Dimension], fields: Fields) -> None:
    """Refuse a search space that contradicts itself or the hyperparameters' own ranges.

    Raises
    ------
    ContradictionError
        For the first rule that is broken, in the order of the dimensions.
    """
    earlier: dict[str, Dimension] = {}
    for name, dimension in dimensions.items():
        _check_values(name, dimension, fields)
        for other, condition in dimension.when.items():
            path = (name, "when", other)
            _check_order(other, path, earlier, dimensions, fields)
            _check_condition(other, condition, path, earlier[other])
        _check_can_hold(name, dimensions)
        if name in fields.readers:
            _check_is_read(name, dimensions, fields)
        earlier[name] = dimension


def _check_values(name: str, dimension: Dimension, fields: Fields) -> None:
    # Every hyperparameter's range is an interval or a list of words: valid ends make the whole range valid.
    if isinstance(dimension, ConstantDimension):
        fields.check_value(name, dimension.value, (name,))
    elif isinstance(dimension, CategoricalDimension):
        for choice in dimension.choices:
            fields.check_value(name, choice, (name, "choices"))
    else:
        fields.check_value(name, dimension.low, (name, "low"))
        fields.check_value(name, dimension.high, (name, "high"))


def _check_order(
    other: str,
    path: tuple[str, ...],
    earlier: Mapping[str, Dimension],
    dimensions: Mapping[str, Dimension],
    fields: Fields,
) -> None:
    if other in earlier:
        return
    if other == path[0]:
        raise ContradictionError("a dimension cannot depend on itself", path)
    if other in dimensions:
        raise ContradictionError(
            f"expected a condition on an earlier dimension: move {other} before {path[0]}", path
        )
    if other in fields.names:
        raise ContradictionError(f"expected a condition on a dimension of this space, got {other}", path)
    raise ContradictionError(
        f"no such dimension; {hint(other, earlier) if earlier else 'this is the first'}", path
    )


def _check_condition(other: str, condition: Condition, path: tuple[str, ...], dimension: Dimension) -> None:
    for value in condition.among or ():
        if not dimension.contains(value):
            nearest = ""
            if isinstance(dimension, CategoricalDimension) and isinstance(value, str):
                near = nearest_word(value, map(str, dimension.choices))
                nearest = f"; did you mean {near}?" if near else ""
            raise ContradictionError(f"{other} is never {found(value)}: it is {dimension}{nearest}", path)
    if allowed_value(dimension, [condition]) is None:
        raise ContradictionError(
            f"the condition can never hold: {other} {condition}, where {other} is {dimension}", path
        )


def _check_can_hold(name: str, dimensions: Mapping[str, Dimension]) -> None:
    for other, conditions in conditions_over(name, dimensions).items():
        if allowed_value(dimensions[other], conditions) is None:
            together = ", ".join(f"{other} {condition}" for condition in conditions)
            raise ContradictionError(f"the conditions can never hold together: {together}", (name, "when"))


def is_never_read(name: str, dimensions: Mapping[str, Dimension], fields: Fields) -> bool:
    """Whether another dimension has no value with which `name` makes a difference."""
    return name in fields.readers and not any(
        value in fields.readers[name].values for value in _values_beside(name, dimensions, fields)
    )


def _check_is_read(name: str, dimensions: Mapping[str, Dimension], fields: Fields) -> None:
    """Refuse to search what may not be read, for a sampler would learn noise; or to fix it in vain."""
    reader = fields.readers[name]
    possible = _values_beside(name, dimensions, fields)
    unread = [value for value in possible if value not in reader.values]
    if isinstance(dimensions[name], ConstantDimension):
        if len(unread) < len(possible):
            return
        remedy = ""
    else:
        listed = ", ".join(f'"{word}"' for word in reader.values)
        remedy = f"; add when = {{ {reader.other} = [{listed}] }}"
    if unread:
        raise ContradictionError(
            f"read only where {reader}, and {reader.other} may be {unread[0]}{remedy}", (name,)
        )


def _values_beside(name: str, dimensions: Mapping[str, Dimension], fields: Fields) -> list[Value]:
    """Return the values that the dimension which decides about `name` may have where `name` is active."""
    other = fields.readers[name].other
    conditions = conditions_over(name, dimensions)
    dimension = dimensions.get(other)
    values: tuple[Value, ...] = ()
    if isinstance(dimension, CategoricalDimension):
        values = dimension.choices
    elif isinstance(dimension, ConstantDimension):
        values = (dimension.value,)
    possible = [
        value for value in values if all(condition.allows(value) for condition in conditions.get(other, []))
    ]
    default = fields.default_of(other)
    if default is not None and may_be_default(other, conditions, dimensions):
        possible.append(default)
    return possible


def may_be_default(
    name: str, conditions: Mapping[str, list[Condition]], dimensions: Mapping[str, Dimension]
) -> bool:
    """Whether `name` is left out, or may be inactive where the conditions hold: it then is its default."""
    return name not in dimensions or bool(dimensions[name].when and name not in conditions)
