"""Whether anything was learned: by the test set once it is open, and until then by the dev set."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from service.report.facts.paired_difference import Difference, Verdict
from service.uncertainty.interval import N_STANDARD_ERRORS
from service.winner.noise_floor.constant import BesideConstant
from workers.metrics import Metric


class Learned(BaseModel):
    """The winner beside the best constant."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    is_beyond_chance: bool
    """Whether the winner is better, beyond chance. Where it is not, nothing was learned."""

    examples: Literal["dev", "test"]
    """Where the two were compared."""

    constant: str
    """`majority class` or `mean`."""

    gain: float
    """By how much the winner is better, in the metric's unit; below 0 it is worse."""

    margin: float
    """How far the gain may be off: two standard errors, or half of the paired interval."""

    flattery: float
    """By how much being chosen on these examples flatters the winner; 0 on the test set."""


def learned_on_dev(beside: BesideConstant) -> Learned:
    """Return what the dev set shows, on which the winner was chosen."""
    return Learned(
        is_beyond_chance=beside.is_beyond_chance,
        examples="dev",
        constant=beside.constant,
        gain=beside.gain,
        margin=N_STANDARD_ERRORS * beside.standard_error,
        flattery=beside.flattery,
    )


def learned_on_test(metric: Metric, difference: Difference, constant: str) -> Learned:
    """Return what the opened test set shows, by the paired difference.

    Parameters
    ----------
    metric
        The study's metric.
    difference
        The winner's figure less the constant's.
    constant
        The constant's name.
    """
    low, high = difference.interval or (difference.value, difference.value)
    return Learned(
        is_beyond_chance=difference.verdict is Verdict.BETTER,
        examples="test",
        constant=constant,
        gain=-metric.badness(difference.value),
        margin=(high - low) / 2,
        flattery=0.0,
    )
