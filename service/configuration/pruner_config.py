"""Which rule ends trials without prospects early, and its options."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from search_spaces.values import Number, WholeNumber
from service.configuration.kind_options import KindOptions, check_options, with_defaults


class PrunerName(StrEnum):
    """How a trial without prospects is ended early."""

    SUCCESSIVE_HALVING = "successive-halving"
    HYPERBAND = "hyperband"
    MEDIAN = "median"
    THRESHOLD = "threshold"
    NONE = "none"


PRUNER_OPTIONS: KindOptions = {
    PrunerName.SUCCESSIVE_HALVING: {"reduction_factor": 3},
    PrunerName.HYPERBAND: {"reduction_factor": 3, "min_epochs": 1},
    PrunerName.MEDIAN: {"startup_trials": 5, "warmup_epochs": 0},
    PrunerName.THRESHOLD: {"worst": None, "warmup_epochs": 0},
    PrunerName.NONE: {},
}
"""The options of each rule, with their defaults; None where it must be given."""


class PrunerConfig(BaseModel):
    """How a trial without prospects is ended early.

    Raises
    ------
    ContradictionError
        An option that the rule does not have, or a threshold without its value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: PrunerName = PrunerName.SUCCESSIVE_HALVING
    """Which rule ends it."""

    reduction_factor: WholeNumber | None = Field(default=None, ge=2)
    """Of successive-halving and hyperband: of this many trials at a rung one goes on; 3 where left out."""

    min_epochs: WholeNumber | None = Field(default=None, ge=1)
    """Of hyperband: the least epochs before its first rung; 1 where left out."""

    startup_trials: WholeNumber | None = Field(default=None, ge=1)
    """Of median: complete trials before it prunes; 5 where left out."""

    warmup_epochs: WholeNumber | None = Field(default=None, ge=0)
    """Of median and threshold: epochs in which no trial is pruned; 0 where left out."""

    worst: Number | None = None
    """Of threshold: the worst value of the watched metric, in its own sense, that is not pruned."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, written: object) -> object:
        if isinstance(written, dict) and written.get("kind") == PrunerName.NONE:
            # Configurations were once kept with a reduction factor, whether anything was reduced or not.
            return {name: value for name, value in written.items() if name != "reduction_factor"}
        return with_defaults(written, PRUNER_OPTIONS, default_kind=PrunerName.SUCCESSIVE_HALVING)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        check_options(self, self.kind, PRUNER_OPTIONS)
        return self
