"""Parallel coordinates: a line a trial, through its values of all hyperparameters."""

from math import log10

from optuna.trial import TrialState

from service.report.facts.report_contents import Axis, ReportContents, TriedPoint
from service.report.page.blocks import Colors, Picture
from service.report.page.plots.axes import choice_text, hyperparameter_position, number_text, thinned
from service.report.page.plots.drawing import Marks, Point, Series, Tick, draw_points
from service.report.page.plots.trials import LEGEND, TRIALS, by_importance

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
