"""How a study was made to go on after it had been begun with lower limits: as it is kept with the study."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

EXTENSIONS = "extensions"
"""The study's attribute that lists them."""


class Extension(BaseModel):
    """One time that a study was given higher limits; those that hold are in its configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    extended_at: datetime
    """UTC."""

    n_trials: int
    """Trials that had tried a point by then."""

    n_looks: int
    """How often the study had looked at its test set by then."""
