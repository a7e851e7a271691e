"""Trials in pictures: by number, by a hyperparameter's value, and how many were still trained.

A trial lies at its number. What so many trials reach on average lies at the number of the last of them: the
first trial is number 0.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import isfinite

from optuna.trial import TrialState

from search_spaces.counted import counted
from service.report.facts.report_contents import Axis, ReportContents, TriedPoint
from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.plots.axes import (
    MetricAxis,
    count_marks,
    epoch_marks,
    hyperparameter_marks,
    hyperparameter_position,
    metric_axis,
    thinned,
    trial_marks,
)
from service.report.page.plots.drawing import Point, Series, draw_points
from service.report.wording.numbers import capitalized, metric_name, metric_text, value_text
from workers.metrics.metric import Metric

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


def best_so_far_picture(contents: ReportContents, drawn: DrawnTrials) -> Picture | None:
    """Return the picture; None where no trial is complete."""
    report = contents.report
    metric = report.metric
    complete = [
        (point.trial, point.figure)
        for point in contents.points
        if point.state is TrialState.COMPLETE and point.figure is not None
    ]
    if not complete:
        return None
    bests = list(accumulate((metric.badness(figure) for _, figure in complete), min))
    steps = [
        (trial, metric.badness(best))
        for (trial, _), best, before in zip(complete, bests, [None, *bests], strict=False)
        if best != before
    ]
    last = contents.points[-1].trial
    path = _path(steps, last)
    expected = report.expected_best_so_far.figures or ()
    line = [Point(x, drawn.axis.place(figure)) for x, figure in thinned(path)]
    average = [Point(n, drawn.axis.place(figure)) for n, figure in enumerate(expected)]
    best_trial, best = steps[-1]
    told = f"the best, {metric_text(metric, best)}, was found by trial {best_trial}"
    why_not = report.expected_best_so_far.why_not
    more = (
        " The faint line is the best that so many such trials reach on average."
        if expected
        else f" What fewer trials would have reached on average is unknown: {why_not}."
    )
    return Picture(
        title="The best so far",
        alternative=f"Best dev {metric_name(metric)} by trial: {told}",
        svg=draw_points(
            [
                *drawn.series(lambda point: float(point.trial)),
                Series(line, is_line=True, has_dots=False),
                Series(thinned(average), is_line=True, has_dots=False),
            ],
            trial_marks(last),
            drawn.axis.marks,
        ),
        caption=f"The line is the best of the trials trained to the end; {told}.{more}{drawn.notes}",
        numbers=TRIALS,
        y_label=drawn.axis.name,
        legend=(*LEGEND, "best so far", *(("expected of so many",) if expected else ())),
        colors=Colors.TRIALS,
    )


def _path(steps: list[tuple[int, float]], last: int) -> list[tuple[float, float]]:
    """Return the corners of the stairs that the best so far goes down."""
    found: list[tuple[float, float]] = []
    for trial, best in steps:
        if found:
            found.append((trial, found[-1][1]))
        found.append((trial, best))
    return [*found, (last, found[-1][1])]


def slice_pictures(contents: ReportContents, drawn: DrawnTrials) -> Iterator[Picture]:
    """Yield a picture a searched hyperparameter, the most important first."""
    metric = metric_name(contents.report.metric)
    for axis in by_importance(contents):
        series = drawn.series(partial(_place, axis))
        n_points = sum(len(of_one.points) for of_one in series)
        winner = contents.report.winner
        values = winner.hyperparameters.model_dump(mode="json") if winner else {}
        at = f"the winner has {value_text(values[axis.name])}" if axis.name in values else "no winner yet"
        yield Picture(
            title=f"By {axis.name}",
            alternative=f"Dev {metric} of {counted(n_points, 'trial')} by {axis.name}; {at}",
            svg=draw_points(series, hyperparameter_marks(axis), drawn.axis.marks),
            caption=f"{capitalized(at)}.",
            numbers=TRIALS,
            y_label=drawn.axis.name,
            legend=LEGEND,
            colors=Colors.TRIALS,
        )


def by_importance(contents: ReportContents) -> list[Axis]:
    """Return the searched hyperparameters, the most important first."""
    found = contents.importances.importances if contents.importances else ()
    ranks = {importance.hyperparameter: rank for rank, importance in enumerate(found)}
    return sorted(contents.axes, key=lambda axis: ranks.get(axis.name, len(ranks)))


def _place(axis: Axis, point: TriedPoint) -> float | None:
    return hyperparameter_position(axis, point.values[axis.name]) if axis.name in point.values else None


def survivors_picture(contents: ReportContents) -> Picture | None:
    """Return the picture; None where no trial was pruned."""
    ended = [point for point in contents.points if point.state.is_finished() and point.epochs]
    pruned = [point.epochs for point in ended if point.state is TrialState.PRUNED]
    if not pruned:
        return None
    last = max(point.epochs for point in ended)
    rows = [
        (
            epoch,
            sum(point.epochs >= epoch for point in ended),
            sum(epochs < epoch for epochs in pruned),
        )
        for epoch in range(1, last + 1)
    ]
    n, n_epochs = len(ended), sum(point.epochs for point in ended)
    saved = 1 - n_epochs / (n * last)
    shown = thinned(rows)
    return Picture(
        title="Trials still in training",
        alternative=f"Trials still in training by epoch: {n} begin, {n - len(pruned)} are not ended early",
        svg=draw_points(
            [
                Series([Point(e, still) for e, still, _ in shown], is_line=True, has_dots=False),
                Series([Point(e, gone) for e, _, gone in shown], is_line=True, has_dots=False),
            ],
            epoch_marks(last),
            count_marks(n),
        ),
        caption=f"{len(pruned)} of {n} trials were unpromising and were ended early ({contents.pruner}): of"
        f" the epochs that {last} for each would have taken, {100 * saved:.0f} % were saved.",
        numbers=Numbers("survivors", ("epoch", "still in training", "ended early before it"), tuple(rows)),
        y_label="trials",
        legend=("still in training", "ended early by then"),
    )
