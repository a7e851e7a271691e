"""Where a study runs: its storage, its workers, its cluster. None of it changes a study's result."""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Number, WholeNumber

_ADDRESS = re.compile(r"([\w.-]+|\[[\w:.%]+\]):\d+")


class LaunchConfig(BaseModel):
    """Where a study runs, frozen.

    Raises
    ------
    pydantic.ValidationError
        An unknown key, or a value of the wrong type or outside its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    storage: str | None = Field(default=None, min_length=1)
    """URL of the database; by default proctor.db in the working directory."""

    storage_patience: Number = Field(default=600.0, ge=0)
    """How long a running study waits for a database that does not answer (seconds)."""

    workers: WholeNumber | None = Field(default=None, ge=0)
    """Number of workers; 0 trains in this process, without Ray; by default the number of cores."""

    address: str | None = Field(default=None, min_length=1)
    """HOST:PORT of a running Ray cluster; by default a local one is started."""

    wait_for_workers: Number = Field(default=120.0, ge=0)
    """How long a running cluster without CPUs is given until a worker joins it (seconds)."""

    @model_validator(mode="after")
    def _check_the_cluster_is_used(self) -> Self:
        if self.workers == 0 and self.address is not None:
            rule = (
                f"0 trains in this process, without Ray: expected no address of a cluster, got {self.address}"
            )
            raise ContradictionError(rule, ("workers",))
        return self

    @field_validator("address")
    @classmethod
    def _check_address(cls, address: str | None) -> str | None:
        """Refuse what is no address, before it is tried and, with whatever it holds, repeated."""
        if address is not None and address != "auto" and not _ADDRESS.fullmatch(address):
            raise ContradictionError("expected HOST:PORT of a running Ray cluster, or auto, got neither", ())
        return address
