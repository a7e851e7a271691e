"""Bias, variance and mismatch from the winner's figures, and the one thing that the basic recipe advises."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, hypot

from workers.metrics import Metric


class Trouble(StrEnum):
    """What stands between the winner and the best that anyone could reach."""

    BIAS = "avoidable bias"
    VARIANCE = "variance"
    MISMATCH = "data mismatch"
    NEITHER = "neither"


N_STANDARD_ERRORS = 2
"""A gap is named where it is larger than so many of its standard errors."""

MOST_TO_TELL = 1_000_000
"""Examples beyond which nobody is told to get so many: the gap is nothing then."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure on a set, and how far it may be off, in the metric's unit.

    Attributes
    ----------
    figure
        The metric's value.
    standard_error
        For want of examples.
    n_examples
        Size of the set.
    """

    figure: float
    standard_error: float
    n_examples: int


_NOTHING = "no gap is beyond chance, nor would more examples show one"


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference between two figures, in the metric's own unit.

    Attributes
    ----------
    size
        Above 0 where the latter set is worse.
    standard_error
        How far it may be off, for want of examples and by the seed.
    n_to_tell
        How many examples of the worse set would put a gap of this size beyond two standard errors, if it is
        not; None where it is, where it is not above 0, and where no number of them would.
    """

    size: float
    standard_error: float
    n_to_tell: int | None

    @property
    def is_clear(self) -> bool:
        """Whether it is beyond two standard errors."""
        return self.size > N_STANDARD_ERRORS * self.standard_error


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the winner's figures say.

    Attributes
    ----------
    gaps
        Bias, variance and, where dev is from elsewhere than train, data mismatch.
    trouble
        The largest of the clear ones.
    verdict
        What that is, in one line; where none is clear, how many examples would tell.
    """

    gaps: Mapping[Trouble, Gap]
    trouble: Trouble
    verdict: str

    @property
    def avoidable_bias(self) -> Gap:
        """How much worse train is than the best that is reckoned with."""
        return self.gaps[Trouble.BIAS]

    @property
    def variance(self) -> Gap:
        """How much worse than train the set is that nothing was fitted on: train-dev, or else dev."""
        return self.gaps[Trouble.VARIANCE]

    @property
    def data_mismatch(self) -> Gap | None:
        """How much worse dev is than train-dev; None where dev comes from where train does."""
        return self.gaps.get(Trouble.MISMATCH)


def has_bayes_figure(metric: Metric) -> bool:
    """Tell whether a Bayes error is a value of the metric: an error's, a balanced error's, or an RMSE."""
    return metric in (Metric.ERROR, Metric.BALANCED_ERROR, Metric.RMSE)


def diagnose(  # noqa: PLR0913 (what is told apart, each by its name)
    metric: Metric,
    *,
    train: Measured,
    dev: Measured,
    best: float,
    train_dev: Measured | None = None,
    seed_deviation: float = 0.0,
) -> Diagnosis:
    """Tell bias, variance and mismatch apart; a gap is one of badness, above 0 where the latter set is worse.

    The gaps add up to dev - best. A gap's standard error is that of a difference of independent figures.

    Parameters
    ----------
    metric
        The study's metric.
    train, dev
        Its values on the train and dev set.
    best
        What train is compared with: the best value that anyone could reach.
    train_dev
        Its value on the train-dev set, where dev comes from elsewhere than train.
    seed_deviation
        By how much figures of the winner's hyperparameters on new examples differ with the seed alone, in the
        metric's unit: the luck that is in the variance; 0 where it was not measured.
    """
    held_out = ("dev", dev) if train_dev is None else ("train-dev", train_dev)
    gaps = {
        Trouble.BIAS: _gap(metric, Measured(best, 0.0, 0), train),
        Trouble.VARIANCE: _gap(metric, train, held_out[1], luck=seed_deviation),
    }
    if train_dev is not None:
        gaps[Trouble.MISMATCH] = _gap(metric, train_dev, dev)
    clear = {name: gap.size for name, gap in gaps.items() if gap.is_clear}
    if clear:
        trouble = max(clear, key=lambda name: clear[name])
        return Diagnosis(gaps, trouble, f"{trouble} is the largest gap that is beyond chance")
    worse = {Trouble.BIAS: ("train", train), Trouble.VARIANCE: held_out, Trouble.MISMATCH: ("dev", dev)}
    return Diagnosis(gaps, Trouble.NEITHER, _cannot_tell(gaps, worse))


def _gap(metric: Metric, better: Measured, worse: Measured, *, luck: float = 0.0) -> Gap:
    size = metric.badness(worse.figure) - metric.badness(better.figure)
    gap = Gap(size, hypot(better.standard_error, worse.standard_error, luck), None)
    if gap.is_clear or size <= 0:
        return gap
    left = (size / N_STANDARD_ERRORS) ** 2 - better.standard_error**2 - luck**2
    if left <= 0:  # what is uncertain beside the worse set's examples is too much by itself
        return gap
    n_to_tell = ceil(worse.n_examples * worse.standard_error**2 / left)
    return replace(gap, n_to_tell=n_to_tell) if n_to_tell <= MOST_TO_TELL else gap


def _cannot_tell(gaps: Mapping[Trouble, Gap], worse: Mapping[Trouble, tuple[str, Measured]]) -> str:
    """Say how many examples would tell whether the largest gap that could be told is there."""
    sizes = {trouble: gap.size for trouble, gap in gaps.items() if gap.n_to_tell is not None}
    if not sizes:
        return _NOTHING
    trouble = max(sizes, key=lambda name: sizes[name])
    name, measured = worse[trouble]
    return (
        f"no gap is beyond two standard errors: cannot tell with {measured.n_examples:,} {name} examples"
        f" whether there is {trouble}; about {gaps[trouble].n_to_tell:,} would, if it is as large as it seems"
    )
