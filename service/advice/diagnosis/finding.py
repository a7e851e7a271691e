"""A finding: something that the whole search shows, with its numbers."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class FindingKind(StrEnum):
    """What kind of thing a search may show."""

    EDGE_OF_RANGE = "edge of range"
    LAST_EPOCH = "last epoch"
    SLOW_LEARNING = "slow learning"
    NO_REGULARIZATION = "no regularization"
    STRONGEST_REGULARIZATION = "strongest regularization"
    DEEP_NETWORKS_BREAK_OFF = "deep networks break off"
    DROPOUT_NEVER_HELPED = "dropout never helped"
    STALLED = "stalled"


class Finding(BaseModel):
    """Something that a search shows beyond chance."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: FindingKind
    hyperparameter: str | None
    """The hyperparameter that it is about; None where it is about no single one."""

    is_upward: bool | None = None
    """Of a range, whether better values may lie above what was searched, or else below; None of all else."""

    text: str
    """In one sentence, without a full stop."""

    evidence: dict[str, float]
    """The numbers behind it, by name."""
