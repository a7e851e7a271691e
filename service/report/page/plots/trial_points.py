"""Trials as points: their figures on an axis, and what a pointer is told of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from optuna.trial import TrialState

from service.report.facts.report_contents import ReportContents, TriedPoint
from service.report.page.plots.axes import MetricAxis, metric_axis, thinned
from service.report.page.plots.drawing import Point, Series
from service.report.wording.numbers import metric_text
from workers.metrics import Metric

LEGEND = ("ended early", "trained to the end", "the winner")
"""Names of the series, in the order of their colors."""

TRIALS = "trials"
"""Name of the download that holds all trials."""


@dataclass(frozen=True, slots=True)
class Figured:
    """A trial with a figure that can be drawn."""

    point: TriedPoint
    figure: float


@dataclass(frozen=True, slots=True)
class DrawnTrials:
    """Trials on an axis of the study's metric.

    Attributes
    ----------
    axis
        The axis.
    drawn
        Those that are drawn: all, or evenly chosen ones and the winner.
    n_trials
        How many have a figure.
    n_beyond
        How many of those drawn lie beyond the axis's end.
    """

    metric: Metric
    winner: int | None
    axis: MetricAxis
    drawn: Sequence[Figured]
    n_trials: int
    n_beyond: int

    def series(self, x: Callable[[TriedPoint], float | None]) -> list[Series]:
        """Return the series of the legend; a trial without an x is left out."""
        found: tuple[list[Point], ...] = ([], [], [])
        for trial in self.drawn:
            place = x(trial.point)
            if place is not None:
                found[self._rank(trial.point)].append(self._point(trial, place))
        return [Series(points) for points in found]

    def _point(self, trial: Figured, x: float) -> Point:
        label = f"trial {trial.point.trial}: {metric_text(self.metric, trial.figure)}"
        return Point(x, self.axis.place(trial.figure), label)

    def _rank(self, point: TriedPoint) -> int:
        if point.trial == self.winner:
            return 2
        return 1 if point.state is TrialState.COMPLETE else 0

    @property
    def notes(self) -> str:
        """What a reader must know of what is not drawn as it is; empty where all is."""
        said = []
        if self.n_trials > len(self.drawn):
            said.append(f"{len(self.drawn)} of {self.n_trials:,} trials are drawn")
        if self.n_beyond:
            said.append(f"{self.n_beyond} that did much worse are drawn at the edge")
        return f" {'; '.join(said).capitalize()}." if said else ""


def drawn_trials(contents: ReportContents) -> DrawnTrials | None:
    """Return a study's trials as they are drawn; None where fewer than two have a figure."""
    report = contents.report
    metric, winner = report.metric, report.winner.trial if report.winner else None
    figured = [
        Figured(point, point.figure)
        for point in contents.points
        if point.figure is not None and isfinite(point.figure)
    ]
    if len(figured) < 2:
        return None
    axis = metric_axis(metric, [trial.figure for trial in figured])
    drawn = list(thinned(figured))
    if all(trial.point.trial != winner for trial in drawn):
        drawn += [trial for trial in figured if trial.point.trial == winner]
    n_beyond = sum(not axis.has(trial.figure) for trial in drawn)
    return DrawnTrials(metric, winner, axis, drawn, len(figured), n_beyond)
