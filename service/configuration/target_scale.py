"""Whether a study learns its target or the target's logarithm: where that is fixed, and where searched."""

from collections.abc import Iterable, Mapping

from search_spaces.derivation import with_fixed
from search_spaces.input_choices import TargetScale
from search_spaces.space import SearchSpace
from search_spaces.values import Value

NAME = "target_scale"
"""The hyperparameter."""


def scales_of(space: SearchSpace) -> set[TargetScale]:
    """Return the scales that the points of a space have."""
    return {choices.target_scale for choices in space.input_choices()}


def insistence(spaces: Iterable[SearchSpace], *, log_target: bool | None) -> str | None:
    """Return the key of a study file by which nothing but logarithms is learned; None where there is none.

    Parameters
    ----------
    spaces
        The study's space, and those of a contest's other kinds.
    log_target
        What `data.log_target` says; None where it is left to the spaces.
    """
    if log_target:
        return "data.log_target"
    if log_target is None and any(scales_of(space) == {TargetScale.LOG} for space in spaces):
        return f"space.{NAME}"
    return None


def is_left_out(space: SearchSpace, *, log_target: bool | None, has_logarithm: bool) -> bool:
    """Tell whether a regression's space offers a logarithm that the target does not have.

    Parameters
    ----------
    space, log_target
        As for `insistence`.
    has_logarithm
        Whether all known targets are above 0.
    """
    return log_target is None and not has_logarithm and TargetScale.LOG in scales_of(space)


def regression_space(space: SearchSpace, *, log_target: bool | None, has_logarithm: bool) -> SearchSpace:
    """Return a regression's space as it is searched: its scale fixed by the setting, or by the target.

    Parameters
    ----------
    space, log_target, has_logarithm
        As for `is_left_out`.
    """
    if is_left_out(space, log_target=log_target, has_logarithm=has_logarithm):
        log_target = False
    if log_target is None:
        return space
    scale = TargetScale.LOG if log_target else TargetScale.STANDARD
    return space if scales_of(space) == {scale} else with_fixed(space, NAME, scale.value)


def scale_at(space: SearchSpace, values: Mapping[str, Value]) -> TargetScale:
    """Return the scale of a point, without building it.

    Parameters
    ----------
    space
        Where it lies.
    values
        The value of each active searched dimension.
    """
    return TargetScale(f"{space.value_at(NAME, values)}")
