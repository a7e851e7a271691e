"""Bias, variance and mismatch from the winner's figures, beside the best that noise allows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, hypot

from service.uncertainty.interval import N_STANDARD_ERRORS
from service.winner.noise_floor.floor import NoiseFloor
from workers.metrics.metric import Metric


class Trouble(StrEnum):
    """The gaps between the winner and the best that anyone could reach."""

    BIAS = "avoidable bias"
    VARIANCE = "variance"
    MISMATCH = "data mismatch"
    NOISE_FLOOR = "noise floor"
    """None: nothing shows that anyone could do better."""

    NOTHING_LEARNED = "nothing learned"
    """None: the winner is no better than a constant, and no other model is shown to do better."""

    BIAS_OR_NOISE = "bias or noise"
    """Nothing shows that anyone could do better, but the search left that open."""

    NEITHER = "neither"


MOST_TO_TELL = 1_000_000
"""Nobody is advised to get more examples than this: the gap is nothing then."""


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


_AT_THE_FLOOR = "at the noise floor, as far as these rows can tell"
_NOTHING_LEARNED = "no evidence of learning, and no other model did better"
_CANNOT_TELL_NOISE = "cannot tell bias from noise: no model does better on new rows"
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
        Bias, variance and, where there is a train-dev set, data mismatch.
    trouble
        The largest of those that are named; where none is, what that means.
    verdict
        What that is, in one line; where none is clear, how many examples would show it.
    named
        The gaps that are beyond chance and that nothing speaks against, the largest first.
    """

    gaps: Mapping[Trouble, Gap]
    trouble: Trouble
    verdict: str
    named: tuple[Trouble, ...] = ()

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
        """How much worse dev is than train-dev; None where there is no train-dev set."""
        return self.gaps.get(Trouble.MISMATCH)


def diagnose(  # noqa: PLR0913 (the figures to tell apart, each by its name)
    metric: Metric,
    *,
    train: Measured,
    dev: Measured,
    best: float,
    train_dev: Measured | None = None,
    seed_deviation: float = 0.0,
    floor: NoiseFloor | None = None,
    open_end: str | None = None,
    has_learned: bool = True,
) -> Diagnosis:
    """Tell bias, variance and mismatch apart; a gap is one of badness, above 0 where the latter set is worse.

    The gaps add up to dev - best. A gap's standard error is that of a difference of independent figures.

    Where the best is estimated, it is what a model reaches on rows that it was not fitted on: a train figure
    that is no worse may be all noise, and so may one where no other model does better than the winner.
    Variance is something that more rows, or more regularization, could bring down: so it is not named where
    the winner does as well as the best model, noise shows between rows, and no model gains more than next to
    nothing by twice the rows. Without either the winner is at the noise floor, for all that is shown; unless
    the search left something open, which another would have to show.

    Parameters
    ----------
    metric
        The study's metric.
    train, dev
        Its values on the train and dev set.
    best
        What train is compared with: the best value that anyone could reach.
    train_dev
        Its value on the train-dev set; None where there is none, and dev stands for the source of train.
    seed_deviation
        By how much figures of the winner's hyperparameters on new examples differ with the seed alone, in the
        metric's unit: the luck that is in the variance; 0 where it was not measured.
    floor
        The noise floor where it is estimated, whose reached figure stands in the best one's place; None where
        the best is given.
    open_end
        Where better points may lie for all that the search shows, in words; None where nothing is open.
    has_learned
        Whether the winner is better than a constant beyond chance: where it is not, what it fits better than
        new rows is noise, and no variance.
    """
    held_out = ("dev", dev) if train_dev is None else ("train-dev", train_dev)
    better = Measured(best, 0.0, 0)
    if floor is not None:
        better = Measured(floor.reached.figure, floor.reached.standard_error, 0)
    gaps = {
        Trouble.BIAS: _gap(metric, better, train),
        Trouble.VARIANCE: _gap(metric, train, held_out[1], luck=seed_deviation),
    }
    if train_dev is not None:
        gaps[Trouble.MISMATCH] = _gap(metric, train_dev, dev)
    clear = [name for name, gap in gaps.items() if gap.is_clear]
    if Trouble.BIAS in clear and floor is not None and floor.reached.is_winner:
        clear.remove(
            Trouble.BIAS
        )  # worse on train than on new rows: these are easier, and nobody does better
    if Trouble.VARIANCE in clear and floor is not None:
        is_behind = _is_behind(metric, floor, held_out[1])
        grows = has_learned and floor.may_grow_with_rows(gaps[Trouble.VARIANCE].size)
        if not is_behind and not grows:  # noise that was learned by heart: no model does better, nor would it
            clear.remove(Trouble.VARIANCE)
    named = tuple(sorted(clear, key=lambda name: -gaps[name].size))
    if named:
        return Diagnosis(gaps, named[0], f"{named[0]} is the largest gap that is beyond chance", named)
    perfect = Measured(metric.perfect, 0.0, 0)
    if floor is not None and _gap(metric, perfect, held_out[1]).is_clear:
        if not has_learned:
            return Diagnosis(gaps, Trouble.NOTHING_LEARNED, _NOTHING_LEARNED)
        if open_end is not None:
            return Diagnosis(gaps, Trouble.BIAS_OR_NOISE, f"{_CANNOT_TELL_NOISE}, but {open_end}")
        return Diagnosis(gaps, Trouble.NOISE_FLOOR, _AT_THE_FLOOR)
    worse = {Trouble.BIAS: ("train", train), Trouble.VARIANCE: held_out, Trouble.MISMATCH: ("dev", dev)}
    return Diagnosis(gaps, Trouble.NEITHER, _cannot_tell(gaps, worse))


def _is_behind(metric: Metric, floor: NoiseFloor, held_out: Measured) -> bool:
    """Return whether a model does better on new rows than the winner, beyond chance."""
    reached = Measured(floor.reached.figure, floor.reached.standard_error, 0)
    return _gap(metric, reached, held_out).is_clear


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
    """Report how many examples would show whether the largest gap is real."""
    sizes = {trouble: gap.size for trouble, gap in gaps.items() if gap.n_to_tell is not None}
    if not sizes:
        return _NOTHING
    trouble = max(sizes, key=lambda name: sizes[name])
    name, measured = worse[trouble]
    return (
        f"no gap is beyond two standard errors: cannot tell with {measured.n_examples:,} {name} examples"
        f" whether there is {trouble}; about {gaps[trouble].n_to_tell:,} would, if it is as large as it seems"
    )
