"""From figures, points and bars to SVG: axes, their marks, and the few elements that the pictures have.

The page's style sheet colors them, in dark mode and on paper as well. A point's label becomes its `title`,
which browsers show without a script.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, floor, inf, isclose, isfinite, log10
from typing import NamedTuple, TypeVar

import numpy as np
from markupsafe import Markup

from search_spaces.values import Value
from service.report.facts.report_contents import Axis
from service.report.wording.numbers import is_told_in_percent, metric_name, value_text
from workers.metrics.metric import Metric

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_DECADES = 2
_FEWEST = 3
"""With fewer marks at such factors, round values are marked."""

_SLACK = 1e-9
"""By so much of a step a mark may lie beyond an end: rounding, not distance."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark: where it lies on the drawing, and the value that is written there."""

    position: float
    value: float


def linear_ticks(low: float, high: float, *, n: int) -> list[Tick]:
    """Return about n marks at round values between two ends, or one where they are the same.

    Parameters
    ----------
    low, high
        The ends, finite.
    n
        How many there might be at most, 2 or more.
    """
    span = high - low
    if span <= 0:
        return [Tick(low, low)]
    magnitude = 10 ** floor(log10(span / n))
    step = next((s * magnitude for s in _STEPS if span / (s * magnitude) <= n), 10 * magnitude)
    first, last = ceil(low / step - _SLACK), floor(high / step + _SLACK)
    return [Tick(place * step, place * step) for place in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[Tick]:
    """Return marks at powers of ten, or at 1, 2 and 5 times these where there are few; positions are log10.

    Parameters
    ----------
    low, high
        The ends, above 0.
    """
    n_decades = log10(high / low)
    factors = (1, 2, 5) if n_decades <= _MOST_DECADES else (1,)
    skipped = max(1, ceil(n_decades / 5))
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    values = [factor * 10.0**power for power in powers if power % skipped == 0 for factor in factors]
    inside = [value for value in values if _is_within(value, low, high)]
    if len(inside) < _FEWEST:
        inside = [tick.value for tick in linear_ticks(low, high, n=4)]
    return [Tick(log10(value), value) for value in inside]


def _is_within(value: float, low: float, high: float) -> bool:
    return low < value < high or isclose(value, low) or isclose(value, high)


@dataclass(frozen=True, slots=True)
class Marks:
    """An axis: its ends, its marks, and how they are written."""

    low: float
    high: float
    ticks: Sequence[Tick]
    write: Callable[[float], str]
    title: str = ""


T = TypeVar("T")

MOST_POINTS = 300
"""Of a picture: more cannot be told apart, and each takes a hundred bytes of the page."""

_MARKS = 5
_LARGE_FACTOR = 4.0
_FAR = 2.0
"""Figures worse than the upper quartile by so many times its distance from the best are drawn at the edge."""


def thinned(items: Sequence[T], most: int = MOST_POINTS) -> Sequence[T]:
    """Return at most so many of the items, evenly chosen, the first and the last among them."""
    n = len(items)
    if n <= most:
        return items
    return [items[round(place * (n - 1) / (most - 1))] for place in range(most)]


def number_text(value: float) -> str:
    """Return a number as it stands at a mark."""
    value += 0.0  # turns -0 into 0
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def metric_tick_text(metric: Metric, value: float) -> str:
    """Return a figure as it stands at a mark: as short as it can be."""
    return f"{100 * value + 0.0:.3g} %" if is_told_in_percent(metric) else number_text(value)


@dataclass(frozen=True, slots=True)
class MetricAxis:
    """The axis of a metric, and where figures lie on it.

    Attributes
    ----------
    metric
        The metric.
    marks
        Its ends and marks.
    is_log
        Whether equal steps along it are equal factors.
    """

    metric: Metric
    marks: Marks
    is_log: bool

    @property
    def name(self) -> str:
        """What stands above it."""
        return f"dev {metric_name(self.metric)}" + (" (log scale)" if self.is_log else "")

    def place(self, figure: float) -> float:
        """Return where a figure is drawn: what lies beyond an end, at the end."""
        return within(self.marks, log10(figure) if self.is_log else figure)

    def has(self, figure: float) -> bool:
        """Whether a figure lies between the ends."""
        place = log10(figure) if self.is_log else figure
        return isclose(within(self.marks, place), place)


def metric_axis(metric: Metric, figures: Sequence[float]) -> MetricAxis:
    """Return the axis of a metric: by factors where figures differ by large ones, or else by differences.

    By differences it goes from the best figure to those beyond which only a few lie.

    Parameters
    ----------
    metric
        The metric.
    figures
        What is drawn; at least one, finite.
    """
    low, high = min(figures), max(figures)
    if not metric.higher_is_better and low > 0 and high > _LARGE_FACTOR * low:
        marks = log_marks(low, high)
        return MetricAxis(metric, replace(marks, write=partial(metric_tick_text, metric)), is_log=True)
    return MetricAxis(metric, _linear_metric_marks(metric, figures), is_log=False)


def _linear_metric_marks(metric: Metric, figures: Sequence[float]) -> Marks:
    badness = np.array([metric.badness(figure) for figure in figures])
    best, upper = float(badness.min()), float(np.quantile(badness, 0.75))
    worst = min(float(badness.max()), upper + _FAR * (upper - best)) if upper > best else float(badness.max())
    low, high = sorted((metric.badness(best), metric.badness(worst)))
    return linear_marks(low, high, write=lambda value: metric_tick_text(metric, value))


def linear_marks(
    low: float, high: float, *, write: Callable[[float], str] = number_text, title: str = ""
) -> Marks:
    """Return an axis on which equal steps are equal differences."""
    return Marks(low, high, linear_ticks(low, high, n=_MARKS), write, title)


def count_marks(most: int) -> Marks:
    """Return an axis of whole numbers from 0."""
    ticks = [tick for tick in linear_ticks(0, most, n=_MARKS) if tick.value == int(tick.value)]
    return Marks(0, most, ticks, number_text)


def log_marks(low: float, high: float, *, title: str = "") -> Marks:
    """Return an axis on which equal steps are equal factors; positions are log10.

    Parameters
    ----------
    low, high
        The ends, above 0.
    title
        What it is.
    """
    return Marks(log10(low), log10(high), log_ticks(low, high), number_text, title)


def positive_marks(values: Sequence[float]) -> tuple[Marks, Callable[[float], float | None]]:
    """Return a logarithmic axis, and where a value lies on it; a linear one where not all are above 0.

    Parameters
    ----------
    values
        What is drawn; at least one, finite.
    """
    low, high = min(values), max(values)
    if low <= 0:
        return linear_marks(low, high), lambda value: value if isfinite(value) else None
    return log_marks(low, high), lambda value: log10(value) if 0 < value < inf else None


def epoch_marks(n_epochs: int) -> Marks:
    """Return an axis of epochs, from 1."""
    ticks = [tick for tick in linear_ticks(0, n_epochs, n=_MARKS) if tick.value == int(tick.value) >= 1]
    return Marks(1, n_epochs, [Tick(1, 1), *(tick for tick in ticks if tick.value > 1)], number_text, "epoch")


def trial_marks(last: int) -> Marks:
    """Return an axis of trials' numbers, from 0 to that of the last one."""
    return replace(count_marks(last), title="trial")


def hyperparameter_marks(axis: Axis) -> Marks:
    """Return a hyperparameter's axis: as it was searched, or its choices side by side."""
    if axis.choices is not None:
        names = [choice_text(choice) for choice in axis.choices]
        ticks = [Tick(float(place), float(place)) for place in range(len(names))]
        return Marks(axis.low - 0.5, axis.high + 0.5, ticks, lambda place: names[round(place)])
    if axis.is_log:
        return log_marks(axis.low, axis.high)
    return linear_marks(axis.low, axis.high)


def hyperparameter_position(axis: Axis, value: Value) -> float:
    """Return where a value lies on the axis that `hyperparameter_marks` makes."""
    position = axis.position(value)
    return log10(position) if axis.is_log else position


def choice_text(choice: Value) -> str:
    """Return a choice as it stands at a mark."""
    return value_text(choice)


def within(marks: Marks, value: float) -> float:
    """Return where a value is drawn: what lies beyond an end, at the end."""
    return min(max(value, marks.low), marks.high)


def finite(values: Iterable[float | None]) -> list[float]:
    """Return the values that are numbers."""
    return [value for value in values if value is not None and isfinite(value)]


WIDTH, HEIGHT = 440, 250
"""Units of a drawing; a unit is about a pixel where two stand side by side."""

WIDE_WIDTH, WIDE_HEIGHT = 900, 300

_CHARACTER = 6.6
"""The width that a character of a label is given: that of most at the page's 12 pixels, or more."""

_GAP = 5
"""Between a label and what it belongs to."""

_LINE = 18
"""The height of a line of text, with room around it."""

_EDGE = 12
"""Free to the right: half a label at the end of an axis."""

_INSET = 6
"""Between the ends of the axes and the edge of the plot, so that a dot is whole."""

_BAR, _BAR_GAP = 20, 6


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a drawing; `label` is shown where a pointer rests on it, `y` None breaks a line."""

    x: float
    y: float | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together: dots, or a line."""

    points: Sequence[Point]
    is_line: bool = False
    has_dots: bool = True


def draw_points(series: Sequence[Series], x: Marks, y: Marks, *, is_wide: bool = False) -> Markup:
    """Draw series of points over two axes.

    Parameters
    ----------
    series
        In the order of their colors; later ones lie above.
    x, y
        The axes; points beyond their ends are the caller's to leave out.
    is_wide
        Whether the drawing is as wide as the page.
    """
    width, height = (WIDE_WIDTH, WIDE_HEIGHT) if is_wide else (WIDTH, HEIGHT)
    levels = [y.write(tick.value) for tick in y.ticks]
    left, right, bottom = _width_of(levels), width - _EDGE, height - _LINE * (2 if x.title else 1)
    plane = _Plane(_scale(x, left + _INSET, right - _INSET), _scale(y, bottom - _INSET, _INSET))
    guides = [(plane.upwards(tick.position), label) for tick, label in zip(y.ticks, levels, strict=True)]
    body = _axis("y", guides, lambda at: f"M{left:.1f} {at:.1f} H{right}", left)
    body += _upright_axis(x, plane.across, bottom)
    body += Markup().join(_series(n, _line(one, plane)) for n, one in enumerate(series) if one.is_line)
    body += Markup().join(_series(n, _dots(one, plane)) for n, one in enumerate(series) if one.has_dots)
    if x.title:
        place = ((left + right) / 2, height - _GAP)
        body += Markup('<text class="title" x="{:.1f}" y="{}">{}</text>').format(*place, x.title)
    return _drawing(body, "vertical", width, height)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name and length, how far that may be off to both sides, and whether it is drawn faintly."""

    name: str
    length: float
    error: float | None = None
    is_faint: bool = False


def draw_bars(bars: Sequence[Bar], x: Marks) -> Markup:
    """Draw bars that lie, the first one on top.

    Parameters
    ----------
    bars
        At least one.
    x
        The axis of their lengths.
    """
    names = [bar.name for bar in bars]
    left, bottom = _width_of(names), len(bars) * (_BAR + _BAR_GAP) + _BAR_GAP
    across = _scale(x, left + _INSET, WIDTH - _EDGE - _INSET)
    tops = [_BAR_GAP + n * (_BAR + _BAR_GAP) for n in range(len(bars))]
    body = _axis("y", [(top + _BAR / 2, name) for top, name in zip(tops, names, strict=True)], None, left)
    body += _upright_axis(x, across, bottom)
    body += _series(0, Markup().join(_bar(bar, top, x, across) for bar, top in zip(bars, tops, strict=True)))
    return _drawing(body, "horizontal", WIDTH, bottom + _LINE)


class _Plane(NamedTuple):
    """Where values lie on a drawing."""

    across: Callable[[float], float]
    upwards: Callable[[float], float]


def _drawing(body: Markup, kind: str, width: int, height: int) -> Markup:
    """Return a drawing as the page has it: elements and classes alone; the figure around it has the words."""
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {} {}" aria-hidden="true">'
        '<g class="{}">{}</g></svg>'
    ).format(width, height, kind, body)


def _width_of(labels: Sequence[str]) -> float:
    """Return how wide a column of labels is, with the gap after it."""
    return _CHARACTER * max(map(len, labels), default=0) + 2 * _GAP


def _scale(marks: Marks, first: float, last: float) -> Callable[[float], float]:
    """Return where a value lies between two places; where an axis has one value alone, in the middle."""
    span = marks.high - marks.low
    if span <= 0:
        return lambda _: (first + last) / 2
    return lambda value: first + (value - marks.low) / span * (last - first)


def _axis(
    name: str, marks: Iterable[tuple[float, str]], guide: Callable[[float], str] | None, edge: float
) -> Markup:
    """Return an axis's guides, if it has any, and labels: those of y before the edge, those of x below it."""
    inside = Markup()
    for at, label in marks:
        place = (edge - _GAP, at + 4) if name == "y" else (at, edge + 14)
        inside += Markup('<path d="{}" />').format(guide(at)) if guide else Markup()
        inside += Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(*place, label)
    return Markup('<g class="axis {}">{}</g>').format(name, inside)


def _upright_axis(x: Marks, across: Callable[[float], float], bottom: float) -> Markup:
    """Return the axis below a drawing, with guides from its top."""
    marks = [(across(tick.position), x.write(tick.value)) for tick in x.ticks]
    return _axis("x", marks, lambda at: f"M{at:.1f} 0 V{bottom}", bottom)


def _series(number: int, inside: Markup) -> Markup:
    return Markup('<g class="series serie-{0} color-{0}">{1}</g>').format(number, inside)


def _line(series: Series, plane: _Plane) -> Markup:
    """Return a line through the points; a point without a value breaks it."""
    words, is_begun = [], False
    for point in series.points:
        if point.y is not None:
            words.append(
                f"{'L' if is_begun else 'M'}{plane.across(point.x):.1f} {plane.upwards(point.y):.1f}"
            )
        is_begun = point.y is not None
    return Markup('<path d="{}" />').format(" ".join(words))


def _dots(series: Series, plane: _Plane) -> Markup:
    return Markup().join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3">{}</circle>').format(
            plane.across(point.x), plane.upwards(point.y), _title(point.label)
        )
        for point in series.points
        if point.y is not None
    )


def _bar(bar: Bar, top: float, x: Marks, across: Callable[[float], float]) -> Markup:
    low, high = sorted((across(0), across(bar.length)))
    drawn = Markup('<rect{} x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}">{}</rect>').format(
        Markup(' class="faint"') if bar.is_faint else "",
        low,
        top,
        high - low,
        _BAR,
        _title(f"{bar.name}: {x.write(bar.length)}"),
    )
    if bar.error is None:
        return drawn
    ends = (across(max(bar.length - bar.error, x.low)), across(min(bar.length + bar.error, x.high)))
    whiskers = "".join(f"M{end:.1f} {top + 4:.1f} v{_BAR - 8}" for end in ends)
    span = f"M{ends[0]:.1f} {top + _BAR / 2:.1f} H{ends[1]:.1f}"
    return drawn + Markup('<path class="error" d="{}" />').format(whiskers + span)


def _title(label: str) -> Markup:
    """Return what a browser shows where a pointer rests."""
    return Markup("<title>{}</title>").format(label) if label else Markup()
