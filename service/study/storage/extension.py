"""How a study was made to go on after it had been begun with lower limits: as it is kept with the study."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from service.seal.openings import Look

EXTENSIONS = "extensions"
"""The study's attribute that lists them."""


class Extension(BaseModel):
    """One time that a study was given higher limits; those that hold are in its configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    extended_at: datetime
    """UTC."""

    n_trials: int
    """Trials that had tried a point by then."""

    looks: tuple[int, ...]
    """The looks by then, as rows of the ledger: the study's own, and those of what it was copied from."""


def looks_before(extensions: Sequence[Extension], looks: Sequence[Look]) -> list[Look]:
    """Return the looks that were taken before the search last went on; none where it never did."""
    seen = extensions[-1].looks if extensions else ()
    return [look for look in looks if look.id in seen]
