"""How much a user asked to be shown."""

from enum import StrEnum


class Showing(StrEnum):
    """What the user asked to be shown."""

    ALL = "all"
    BRIEF = "brief"
    """A short line a trial, and the report's main lines."""

    QUIET = "quiet"
    JSON = "json"

    @property
    def is_silent(self) -> bool:
        """Whether the report alone is to be shown."""
        return self in {Showing.QUIET, Showing.JSON}
