"""The rules of a search space: each point drawn from it is valid, each dimension can be active.

What a dimension can get wrong by itself is refused by the dimension.
"""

from collections.abc import Mapping

from search_spaces.activity import allowed_value, conditions_over
from search_spaces.conditions import Condition
from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.fields import check_value, default_of
from search_spaces.hyperparameters import MAX_DEPTH, Hyperparameters, Switch
from search_spaces.nearest_word import hint, nearest_word
from search_spaces.relevance import READERS
from search_spaces.values import Value, found


def check_dimensions(dimensions: Mapping[str, Dimension]) -> None:
    """Refuse a search space that contradicts itself or the hyperparameters' own ranges.

    Raises
    ------
    ContradictionError
        For the first rule that is broken, in the order of the dimensions.
    """
    earlier: dict[str, Dimension] = {}
    for name, dimension in dimensions.items():
        _check_values(name, dimension)
        for other, condition in dimension.when.items():
            path = (name, "when", other)
            _check_order(other, path, earlier, dimensions)
            _check_condition(other, condition, path, earlier[other])
        _check_can_hold(name, dimensions)
        if name in READERS:
            _check_is_read(name, dimensions)
        earlier[name] = dimension
    _check_batches(dimensions)
    if "l1_step" in dimensions and not isinstance(dimensions["l1_step"], ConstantDimension):
        _check_l1_step(dimensions)
    for layer in range(2, MAX_DEPTH + 1):
        if f"width_{layer}" in dimensions:
            _check_layer(layer, dimensions)


def _check_values(name: str, dimension: Dimension) -> None:
    # Every hyperparameter's range is an interval or a list of words: valid ends make the whole range valid.
    if isinstance(dimension, ConstantDimension):
        check_value(name, dimension.value, (name,))
    elif isinstance(dimension, CategoricalDimension):
        for choice in dimension.choices:
            check_value(name, choice, (name, "choices"))
    else:
        check_value(name, dimension.low, (name, "low"))
        check_value(name, dimension.high, (name, "high"))


def _check_order(
    other: str, path: tuple[str, ...], earlier: Mapping[str, Dimension], dimensions: Mapping[str, Dimension]
) -> None:
    if other in earlier:
        return
    if other == path[0]:
        raise ContradictionError("a dimension cannot depend on itself", path)
    if other in dimensions:
        raise ContradictionError(
            f"expected a condition on an earlier dimension: move {other} before {path[0]}", path
        )
    if other in Hyperparameters.model_fields:
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


def is_never_read(name: str, dimensions: Mapping[str, Dimension]) -> bool:
    """Whether another dimension has no value with which `name` makes a difference."""
    return name in READERS and not any(
        value in READERS[name].values for value in _values_beside(name, dimensions)
    )


def _check_is_read(name: str, dimensions: Mapping[str, Dimension]) -> None:
    """Refuse to search what may not be read, for a sampler would learn noise; or to fix it in vain."""
    reader = READERS[name]
    possible = _values_beside(name, dimensions)
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


def _values_beside(name: str, dimensions: Mapping[str, Dimension]) -> list[Value]:
    """Return the values that the dimension which decides about `name` may have where `name` is active."""
    other = READERS[name].other
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
    default = default_of(other)
    if default is not None and _may_be_default(other, conditions, dimensions):
        possible.append(default)
    return possible


def _may_be_default(
    name: str, conditions: Mapping[str, list[Condition]], dimensions: Mapping[str, Dimension]
) -> bool:
    """Whether `name` is left out, or may be inactive where the conditions hold: it then is its default."""
    return name not in dimensions or bool(dimensions[name].when and name not in conditions)


def _check_batches(dimensions: Mapping[str, Dimension]) -> None:
    """Refuse a mini-batch of one example where batch normalization may be on."""
    together: dict[str, Value] = {"batch_normalization": Switch.ON.value, "batch_size": 1}
    for name, value in together.items():
        if name not in dimensions or not dimensions[name].contains(value):
            return
        for other, conditions in conditions_over(name, dimensions).items():
            if other in together and not all(condition.allows(together[other]) for condition in conditions):
                return
    raise ContradictionError(
        "batch_normalization needs a batch_size of 2 or more, and batch_size may be 1",
        ("batch_size",),
    )


def _check_l1_step(dimensions: Mapping[str, Dimension]) -> None:
    """Refuse to search how L1 acts without L1."""
    l1_lambda = dimensions.get("l1_lambda", ConstantDimension(value=default_of("l1_lambda") or 0.0))
    if isinstance(l1_lambda, ConstantDimension) and l1_lambda.value == 0:
        raise ContradictionError("read only where l1_lambda > 0, and l1_lambda is 0", ("l1_step",))


def _check_layer(layer: int, dimensions: Mapping[str, Dimension]) -> None:
    """Refuse a width of its own for a layer that a point's depth may not reach."""
    name = f"width_{layer}"
    conditions = conditions_over(name, dimensions)
    too_shallow = Condition(at_most=layer - 1)
    depth: Value | None = None
    if "depth" in dimensions:
        depth = allowed_value(dimensions["depth"], [*conditions.get("depth", []), too_shallow])
    if _may_be_default("depth", conditions, dimensions):
        default = Hyperparameters.model_fields["depth"].default
        depth = default if too_shallow.allows(default) else depth
    if depth is not None:
        raise ContradictionError(
            f"layer {layer} needs depth >= {layer}, and depth may be {depth};"
            f" add when = {{ depth = {{ at_least = {layer} }} }}",
            (name,),
        )
