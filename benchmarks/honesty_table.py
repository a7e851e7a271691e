"""What the audit of a world comes to, the aims that it is held to, and the table of all worlds.

An accusation is a report that says that the gap between test and dev set is beyond chance: the dev set was
overfitted. It is false where the dev figure flatters in truth by no more than was foretold and two of its
standard errors: that much is what selecting and the chance of a dev set do in any search.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from benchmarks.audited_study import Audited
from benchmarks.honesty_worlds.world import World
from service.uncertainty.interval import Interval
from service.uncertainty.proportions import wilson_interval
from workers.metrics.metric import Metric

COVERAGE_AIM = Interval(0.93, 0.97)
MOST_STANDARD_ERRORS_OF_BIAS = 2.0
MOST_FALSE_ACCUSATIONS = 0.05

_HEADS = (
    "world",
    "metric",
    "studies",
    "holds the truth",
    "truth above",
    "truth below",
    "test - true",
    "± s.e.",
    "width",
    "foretold",
    "there was",
    "accused",
    "falsely",
    "within the aims",
)
LEGEND = (
    "Holds the truth: studies whose 95 % interval has the true figure in it, with the 95 % interval of"
    " their share. Truth above, below: where it lies otherwise. Test - true: mean, and its standard error."
    " Width: mean width of the interval. Foretold, there was: optimism of the winner's dev figure, means."
    " Accused: reports that say 'beyond chance: the dev set was overfitted'; falsely: those of them that"
    " are wrong. Within the aims: coverage of 93 to 97 %, no bias beyond two standard errors, at most 5 %"
    " of all studies falsely accused; 'open' where the studies are too few to tell."
)


def is_falsely_accused(study: Audited, metric: Metric) -> bool:
    """Whether the report accuses the search of more than it did; see this module."""
    return (
        study.says_overfitted
        and _flattery(study, metric) <= max(study.foretold, 0) + 2 * study.dev_standard_error
    )


def _flattery(study: Audited, metric: Metric) -> float:
    """Return by how much the winner's dev figure flatters in truth, above 0 where it does."""
    return metric.badness(study.truth) - metric.badness(study.dev)


@dataclass(frozen=True)
class Summary:
    """What the studies of one world come to; counts of studies, and means in the metric's unit."""

    metric: Metric
    n_studies: int
    n_held: int
    n_above: int
    n_below: int
    bias: float
    bias_standard_error: float
    width: float
    foretold: float
    there_was: float
    n_accused: int
    n_falsely_accused: int

    @property
    def coverage(self) -> float:
        """Share of the studies whose interval holds the truth."""
        return self.n_held / self.n_studies

    @property
    def coverage_interval(self) -> Interval:
        """95 % interval of that share."""
        return wilson_interval(self.n_held, self.n_studies)

    @property
    def misses(self) -> tuple[str, ...]:
        """Aims that are missed by more than the studies' number leaves open."""
        low, high = self.coverage_interval
        falsely = wilson_interval(self.n_falsely_accused, self.n_studies)
        missed = {
            "coverage": low > COVERAGE_AIM.high or high < COVERAGE_AIM.low,
            "bias": abs(self.bias) > MOST_STANDARD_ERRORS_OF_BIAS * self.bias_standard_error,
            "accusations": falsely.low > MOST_FALSE_ACCUSATIONS,
        }
        return tuple(aim for aim, is_missed in missed.items() if is_missed)

    @property
    def left_open(self) -> tuple[str, ...]:
        """Aims that the share is outside of, by no more than its own 95 % interval."""
        outside = {
            "coverage": not COVERAGE_AIM.low <= self.coverage <= COVERAGE_AIM.high,
            "accusations": self.n_falsely_accused > MOST_FALSE_ACCUSATIONS * self.n_studies,
        }
        return tuple(aim for aim, is_outside in outside.items() if is_outside and aim not in self.misses)

    @property
    def verdict(self) -> str:
        """Whether the world is within the aims, and which it misses."""
        if self.misses:
            return f"no: {', '.join(self.misses)}"
        return f"open: {', '.join(self.left_open)}" if self.left_open else "yes"


def summary(studies: Sequence[Audited], metric: Metric) -> Summary:
    """Put the studies of a world together.

    Parameters
    ----------
    studies
        At least one.
    metric
        The world's.
    """
    off = [study.test - study.truth for study in studies]
    return Summary(
        metric=metric,
        n_studies=len(studies),
        n_held=sum(study.low <= study.truth <= study.high for study in studies),
        n_above=sum(study.truth > study.high for study in studies),
        n_below=sum(study.truth < study.low for study in studies),
        bias=fmean(off),
        bias_standard_error=stdev(off) / sqrt(len(off)) if len(off) > 1 else float("inf"),
        width=fmean(study.high - study.low for study in studies),
        foretold=fmean(study.foretold for study in studies),
        there_was=fmean(_flattery(study, metric) for study in studies),
        n_accused=sum(study.says_overfitted for study in studies),
        n_falsely_accused=sum(is_falsely_accused(study, metric) for study in studies),
    )


def table(found: Mapping[str, Summary], *, markdown: bool) -> list[str]:
    """Return the lines of the table of all worlds, for a terminal or as Markdown."""
    rows = [_HEADS, *(_cells(name, of_world) for name, of_world in found.items())]
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return [lines[0], "|---" * len(_HEADS) + "|", *lines[1:]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def traps(worlds: Sequence[World]) -> list[str]:
    """Return a line on each world."""
    return [f"{world.name}: {world.trap}" for world in worlds]


def _cells(name: str, found: Summary) -> tuple[str, ...]:
    n = found.n_studies
    low, high = found.coverage_interval
    return (
        name,
        found.metric,
        str(n),
        f"{_percent(found.coverage)} ({100 * low:.1f} to {100 * high:.1f})",
        _percent(found.n_above / n),
        _percent(found.n_below / n),
        f"{found.bias:+.4f}",
        f"{found.bias_standard_error:.4f}",
        f"{found.width:.4f}",
        f"{found.foretold:.4f}",
        f"{found.there_was:.4f}",
        _percent(found.n_accused / n),
        _percent(found.n_falsely_accused / n),
        found.verdict,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
