"""Where a study runs: its storage, its workers, its cluster. None of it changes a study's result."""

from pydantic import BaseModel, ConfigDict, Field

from search_spaces.values import Number, WholeNumber


class LaunchConfig(BaseModel):
    """Where a study runs, frozen.

    Raises
    ------
    pydantic.ValidationError
        An unknown key, or a value of the wrong type or outside its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    storage: str | None = Field(default=None, min_length=1)
    """URL of the database; proctor.db in the working directory where left out."""

    storage_patience: Number = Field(default=600.0, ge=0)
    """Longest time that a database may be away before a running study gives up (seconds)."""

    workers: WholeNumber | None = Field(default=None, ge=1)
    """Workers to start; the machine's cores where left out."""

    address: str | None = Field(default=None, min_length=1)
    """HOST:PORT of a running Ray cluster; a local one is started where left out."""
