"""Axes of metrics, hyperparameters and counts: their ends, marks, and how these are written."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isclose, isfinite, log10
from typing import TypeVar

import numpy as np

from search_spaces.values import Value
from service.report.facts.report_contents import Axis
from service.report.page.plots.drawing import Marks, Tick, linear_ticks, log_ticks
from service.report.wording.numbers import is_told_in_percent, metric_name, value_text
from workers.metrics.metric import Metric

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
