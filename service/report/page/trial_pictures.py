"""Trials in pictures: by number, by a hyperparameter's value or by all, and how many were still trained.

A trial lies at its number. What so many trials reach on average lies at the number of the last of them: the
first trial is number 0. In parallel coordinates a line is a trial. Hyperparameters by importance are bars.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import isfinite, log10

from optuna.trial import TrialState

from search_spaces.counted import counted
from service.report.facts.importance import RELIABLE_TRIALS, Importances
from service.report.facts.report_contents import Axis, ReportContents, TriedPoint
from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.drawing import (
    Bar,
    Marks,
    MetricAxis,
    Point,
    Series,
    Tick,
    choice_text,
    count_marks,
    draw_bars,
    draw_points,
    epoch_marks,
    hyperparameter_marks,
    hyperparameter_position,
    linear_marks,
    metric_axis,
    number_text,
    thinned,
    trial_marks,
)
from service.report.wording.numbers import capitalized, metric_name, metric_text, share_text, value_text
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
        values = winner.hyperparameters if winner else {}
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
        alternative=f"Trials still in training by epoch: {n} begin, {n - len(pruned)} are not ended early;"
        f" {100 * saved:.0f} % of the epochs were saved",
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


def importance_picture(found: Importances) -> Picture | None:
    """Return the picture; None where no hyperparameter's importance is known."""
    bars = [
        Bar(each.hyperparameter, each.share, is_faint=not each.is_clear)
        for each in found.importances
        if each.share is not None
    ]
    if not bars:
        return None
    first = max(bars, key=lambda bar: bar.length)
    clear = [bar.name for bar in bars if not bar.is_faint]
    beyond = f"Beyond chance: {', '.join(clear)}." if clear else "All of this may be chance."
    hint = "" if found.is_reliable else f" With fewer than {RELIABLE_TRIALS} trials this is a hint at best."
    return Picture(
        title="What mattered",
        alternative=f"Importance of {len(bars)} hyperparameters: most of all {first.name},"
        f" {share_text(first.length)}. {beyond}",
        svg=draw_bars(bars, linear_marks(0.0, max(first.length, 0.01), write=share_text)),
        caption=f"{beyond} The bars show how much each decided whether a trial was among the best"
        f" {found.n_best} of {found.n_trials} ({found.method}).{hint}",
        numbers=Numbers(
            "importance",
            ("hyperparameter", "share", "beyond chance", "trials that had it"),
            tuple(
                (each.hyperparameter, each.share, "yes" if each.is_clear else "no", each.n_active)
                for each in found.importances
            ),
        ),
        legend=("beyond chance" if clear else "", "may be chance" if len(clear) < len(bars) else ""),
        colors=Colors.CHANCE,
    )


MOST_LINES = 120
MOST_AXES = 10


def parallel_picture(contents: ReportContents) -> Picture | None:
    """Return the picture; None where fewer than two hyperparameters were searched, or nothing was tried."""
    axes = by_importance(contents)[:MOST_AXES]
    ended = [point for point in contents.points if point.state.is_finished()]
    if len(axes) < 2 or not ended:
        return None
    report = contents.report
    winner = report.winner.trial if report.winner else None
    drawn = [*thinned([point for point in ended if point.trial != winner], MOST_LINES)]
    groups = (
        [point for point in drawn if point.state is not TrialState.COMPLETE],
        [point for point in drawn if point.state is TrialState.COMPLETE],
        [point for point in ended if point.trial == winner],
    )
    some = f" {len(drawn)} of {len(ended):,} trials are drawn." if len(drawn) + 1 < len(ended) else ""
    ranges = "; ".join(f"{axis.name} {_ends_text(axis)}" for axis in axes)
    return Picture(
        title="All hyperparameters at once",
        alternative=f"Parallel coordinates of {len(ended):,} trials over {', '.join(a.name for a in axes)}",
        svg=draw_points(
            [Series(_lines(axes, group), is_line=True, has_dots=False) for group in groups],
            _marks(axes),
            Marks(0, 1, [Tick(0, 0), Tick(1, 1)], lambda end: "top" if end else "bottom"),
            is_wide=True,
        ),
        caption="Each line is a trial, each vertical axis a hyperparameter. From bottom to top:"
        f" {ranges}.{some}",
        numbers=TRIALS,
        legend=("ended early or failed", *LEGEND[1:]),
        colors=Colors.TRIALS,
        is_wide=True,
    )


def _marks(axes: list[Axis]) -> Marks:
    names = [axis.name for axis in axes]
    ticks = [Tick(float(place), float(place)) for place in range(len(names))]
    return Marks(-0.3, len(names) - 0.7, ticks, lambda place: _short(names[round(place)], len(names)))


def _short(name: str, n_names: int) -> str:
    """Return a name as it fits between its neighbors."""
    most = 130 // n_names
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _lines(axes: list[Axis], points: list[TriedPoint]) -> list[Point]:
    """Return the trials' lines, with a break after each, and where a trial had no such hyperparameter."""
    found = []
    for point in points:
        for place, axis in enumerate(axes):
            found.append(Point(float(place), _share(axis, point)))
        found.append(Point(float(len(axes) - 1), None))
    return found


def _share(axis: Axis, point: TriedPoint) -> float | None:
    """Return how far up its axis a trial's value lies (fraction)."""
    if axis.name not in point.values:
        return None
    low, high = axis.low, axis.high
    if axis.is_log:
        low, high = log10(low), log10(high)
    value = hyperparameter_position(axis, point.values[axis.name])
    return 0.5 if high == low else (value - low) / (high - low)


def _ends_text(axis: Axis) -> str:
    if axis.choices is not None:
        return ", ".join(map(choice_text, axis.choices))
    return f"{number_text(axis.low)} to {number_text(axis.high)}"
