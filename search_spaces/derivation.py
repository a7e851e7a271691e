"""A search space as people write it: the name of a built-in one, or a table of dimensions on top of one."""

from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from search_spaces.activity import allowed_value, conditions_over
from search_spaces.contradiction import ContradictionError
from search_spaces.dimensions import ConstantDimension, Dimension
from search_spaces.presets import Space, UnknownPresetError, load_preset
from search_spaces.rules import is_never_read
from search_spaces.shorthand import with_kinds
from search_spaces.space import SearchSpace
from search_spaces.values import Value, found

BASE = "base"
"""The key of a space's table that names the built-in space it builds upon."""

_DIMENSIONS: TypeAdapter[dict[str, Dimension]] = TypeAdapter(dict[str, Dimension])


def derived_space(written: object, space_type: type[SearchSpace]) -> object:
    """Turn what is written for a space into what `SearchSpace` validates.

    A text names a built-in space. A table with `base` takes that space's dimensions in their order, its own
    in their place, and new ones after them. A dimension of the base that can no longer be active is left
    out: the base's momentum where `optimizer = "adam"` is fixed; and a condition of the base's loses the
    values that can no longer be.

    Raises
    ------
    ContradictionError
        Neither a name nor a table, or this kind of model has no built-in space of the name.
    """
    if isinstance(written, str):
        return _preset(written, (), space_type)
    if isinstance(written, SearchSpace):
        return written
    if not isinstance(written, dict):
        raise ContradictionError(
            f"expected the name of a built-in search space or a table of dimensions, got {found(written)}"
        )
    if BASE not in written:
        return written
    base = _preset(written[BASE], (BASE,), space_type)
    own = with_kinds(
        {name: dimension for name, dimension in written.items() if name != BASE}, space_type.fields
    )
    try:
        dimensions = _DIMENSIONS.validate_python({**base, **own})
    except ValidationError:
        return {**base, **own}  # refused once more by whoever validates the space, with the place
    return _adapted(dimensions, [name for name in base if name not in own], space_type)


def with_fixed(space: Space, name: str, value: Value) -> Space:
    """Return a space in which a hyperparameter is fixed, searched or not, as on top of a built-in space.

    Parameters
    ----------
    space
        The space.
    name
        The hyperparameter.
    value
        Its value.
    """
    dimensions = {**space.dimensions, name: ConstantDimension(value=value)}
    others = [other for other in dimensions if other != name]
    return type(space).model_validate(_adapted(dimensions, others, type(space)))


def _adapted(
    dimensions: dict[str, Dimension], names: Iterable[str], space_type: type[SearchSpace]
) -> dict[str, Dimension]:
    """Leave out those of some dimensions that can no longer be active, and narrow the others' conditions."""
    for name in names:
        if _is_cut_off(name, dimensions) or is_never_read(name, dimensions, space_type.fields):
            del dimensions[name]
        else:
            dimensions[name] = _narrowed(dimensions[name], dimensions)
    return dimensions


def _preset(name: object, path: tuple[str, ...], space_type: type[SearchSpace]) -> dict[str, Dimension]:
    if not isinstance(name, str):
        raise ContradictionError(f"expected the name of a built-in search space, got {found(name)}", path)
    try:
        return load_preset(space_type, name).dimensions
    except UnknownPresetError as error:
        raise ContradictionError(str(error), path) from error


def _is_cut_off(name: str, dimensions: dict[str, Dimension]) -> bool:
    """Whether a condition over `name` can no longer hold, or names a dimension that was itself left out."""
    if any(other not in dimensions for other in dimensions[name].when):
        return True
    return any(
        allowed_value(dimensions[other], conditions) is None
        for other, conditions in conditions_over(name, dimensions).items()
    )


def _narrowed(dimension: Dimension, dimensions: dict[str, Dimension]) -> Dimension:
    """Take from the conditions' lists what the dimensions that they name no longer contain."""
    when = {}
    for other, condition in dimension.when.items():
        left = condition
        if condition.among is not None:
            among = tuple(value for value in condition.among if dimensions[other].contains(value))
            left = condition.model_copy(update={"among": among})
        when[other] = left
    return dimension.model_copy(update={"when": when})
