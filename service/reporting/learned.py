"""Whether anything was learned: by the test set once it is open, and until then by the dev set."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from service.noise_floor.constant import N_STANDARD_ERRORS, BesideConstant
from service.uncertainty.interval import Interval
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
    """How far the gain may be off: two standard errors, or what the test figure's interval reaches."""

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


def learned_on_test(
    metric: Metric, *, winner: float, constant: float, interval: Interval, name: str
) -> Learned:
    """Return what the opened test set shows: whether the constant lies beyond the interval's worse end.

    Parameters
    ----------
    metric
        The study's metric.
    winner, constant
        Figures of both on the test set.
    interval
        The winner's.
    name
        The constant's.
    """
    worse_end = max(metric.badness(end) for end in interval)
    gain = metric.badness(constant) - metric.badness(winner)
    return Learned(
        is_beyond_chance=metric.badness(constant) > worse_end,
        examples="test",
        constant=name,
        gain=gain,
        margin=worse_end - metric.badness(winner),
        flattery=0.0,
    )
