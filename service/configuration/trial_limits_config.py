"""Limits of a single trial, beside its epochs: what goes beyond them is ended, and fails."""

from pydantic import BaseModel, ConfigDict, Field

from search_spaces.values import Number, WholeNumber
from workers.trial_limits import TrialLimits


class TrialLimitsConfig(BaseModel):
    """What a trial may take. Where it goes beyond is the machine's matter, so that no seed gives it again."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    seconds: Number | None = Field(default=None, gt=0)
    """Wall-clock time that a trial may run (seconds); not reproducible."""

    memory_megabytes: WholeNumber | None = Field(default=None, ge=10)
    """Memory that a trial may take beside its data (MB), where the system can limit it; not reproducible."""

    @property
    def of_trial(self) -> TrialLimits:
        """The limits as a worker knows them."""
        megabytes = self.memory_megabytes
        return TrialLimits(self.seconds, None if megabytes is None else megabytes * 10**6)
