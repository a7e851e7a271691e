"""The kinds of model that may be searched, each with its own space."""

from search_spaces.boosting.space import BoostingSpace
from search_spaces.linear.space import LinearSpace
from search_spaces.nearest_word import hint
from search_spaces.network.space import NetworkSpace
from search_spaces.own.space import OwnSpace
from search_spaces.space import SearchSpace

SPACES: dict[str, type[SearchSpace]] = {
    space.kind(): space for space in (NetworkSpace, BoostingSpace, LinearSpace)
}
"""Those that come with Proctor, by name of the kind; the first is the default."""


def space_type(kind: str) -> type[SearchSpace]:
    """Return the space of a kind of model: of those above, or of the user's own.

    Raises
    ------
    ValueError
        There is no such kind; the nearest is offered.
    """
    if kind == OwnSpace.kind():
        return OwnSpace
    if kind not in SPACES:
        raise ValueError(f"no such kind of model; {hint(kind, SPACES)}")
    return SPACES[kind]


def known_kind(kind: str) -> str:
    """Return the name of a kind of model; one that there is not is refused, as by `space_type`."""
    space_type(kind)
    return kind
