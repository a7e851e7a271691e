"""The search space of networks: its hyperparameters, and the rules that they have among themselves."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

from search_spaces.activity import allowed_value, conditions_over
from search_spaces.conditions import Condition
from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import ConstantDimension, Dimension
from search_spaces.fields import Fields
from search_spaces.network.point import MAX_DEPTH, NetworkPoint, Switch
from search_spaces.network.regularizers import NO_STRENGTH
from search_spaces.network.relevance import ONLY_CLASSES_HAVE, ONLY_NUMBERS_HAVE, READERS
from search_spaces.rules import may_be_default
from search_spaces.space import SearchSpace
from search_spaces.values import Value

FIELDS = Fields(
    NetworkPoint,
    READERS,
    ONLY_CLASSES_HAVE,
    ONLY_NUMBERS_HAVE,
    only_dates_have=("date_encoding",),
    no_strength=NO_STRENGTH,
    follow_metric=("class_balance",),
)
"""What may be searched of a network."""


class NetworkSpace(SearchSpace):
    """A space of networks."""

    fields: ClassVar[Fields] = FIELDS

    def point(self, values: Mapping[str, Value]) -> NetworkPoint:
        """Make the validated point of networks: see `SearchSpace.point`."""
        return cast("NetworkPoint", super().point(values))

    @classmethod
    def check_own_rules(cls, dimensions: Mapping[str, Dimension]) -> None:
        """Refuse dimensions of which a network that contradicts itself could be drawn.

        Raises
        ------
        ContradictionError
            For the first rule that is broken.
        """
        _check_batches(dimensions)
        for name, regularizers in _READ_WITH.items():
            if name in dimensions and not isinstance(dimensions[name], ConstantDimension):
                _check_any_is_on(name, regularizers, dimensions)
        for layer in range(2, MAX_DEPTH + 1):
            if f"width_{layer}" in dimensions:
                _check_layer(layer, dimensions)


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


_READ_WITH = {
    "l1_step": ("l1_lambda",),
    "regularization_schedule": ("keep_prob", "input_keep_prob", "weight_decay"),
}
"""Those that say how regularization acts, each with what it acts by."""


def _check_any_is_on(name: str, regularizers: Sequence[str], dimensions: Mapping[str, Dimension]) -> None:
    """Refuse to search how regularization acts where there is none."""
    for regularizer in regularizers:
        off = NO_STRENGTH[regularizer]
        dimension = dimensions.get(regularizer, ConstantDimension(value=off))
        if not isinstance(dimension, ConstantDimension) or dimension.value != off:
            return
    said = [(each, "<" if NO_STRENGTH[each] else ">", f"{NO_STRENGTH[each]:g}") for each in regularizers]
    conditions = " or ".join(f"{each} {sign} {off}" for each, sign, off in said)
    values = " and ".join(f"{each} is {off}" for each, _, off in said)
    raise ContradictionError(f"read only where {conditions}, and {values}", (name,))


def _check_layer(layer: int, dimensions: Mapping[str, Dimension]) -> None:
    """Refuse a width of its own for a layer that a point's depth may not reach."""
    name = f"width_{layer}"
    conditions = conditions_over(name, dimensions)
    too_shallow = Condition(at_most=layer - 1)
    depth: Value | None = None
    if "depth" in dimensions:
        depth = allowed_value(dimensions["depth"], [*conditions.get("depth", []), too_shallow])
    if may_be_default("depth", conditions, dimensions):
        default = NetworkPoint.model_fields["depth"].default
        depth = default if too_shallow.allows(default) else depth
    if depth is not None:
        raise ContradictionError(
            f"layer {layer} needs depth >= {layer}, and depth may be {depth};"
            f" add when = {{ depth = {{ at_least = {layer} }} }}",
            (name,),
        )
