"""The rule that a dimension's default is one of its own values."""

from typing import Protocol

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Value, found


class _Values(Protocol):
    def contains(self, value: Value) -> bool: ...


def check_default(dimension: _Values, default: Value | None) -> None:
    """Refuse a default that its dimension does not contain.

    Raises
    ------
    ContradictionError
        Naming the default and the values that are allowed.
    """
    if default is not None and not dimension.contains(default):
        raise ContradictionError(
            f"expected a default in {dimension}, got default = {found(default)}",
            ("default",),
        )
