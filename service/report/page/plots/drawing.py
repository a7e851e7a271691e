"""From points to SVG: pygal draws, and what a page without scripts has no use for is taken out again.

pygal's own style sheet and scripts are left out: the page's style sheet colors all charts, in dark mode and
on paper as well. A point's label becomes its `title`, which browsers show without a script.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isclose, log10
from typing import Any
from xml.etree import ElementTree as ET

from markupsafe import Markup
from pygal import XY, HorizontalBar, PluginImportFixer
from pygal.etree import etree
from pygal.style import Style

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


# pygal's hook on imports, for maps, is of a kind that Python 3.12 gave up, and that others stumble over.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]

WIDTH, HEIGHT = 440, 250
"""Units of a drawing; a unit is about a pixel where two stand side by side."""

WIDE_WIDTH, WIDE_HEIGHT = 900, 300

_FONT_SIZE = 12
_STYLE = Style(label_font_size=_FONT_SIZE, major_label_font_size=_FONT_SIZE, font_family="sans-serif")
_DECIMALS = re.compile(r"(\d+\.\d)\d+")
_UNUSED: frozenset[object] = frozenset({"desc", "defs", "title", ET.Comment})  # comments have a date
_UNUSED_CLASSES = {"plot text-overlay", "plot tooltip-overlay", "legends", "background"}


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


@dataclass(frozen=True, slots=True)
class Marks:
    """An axis: its ends, its marks, and how they are written."""

    low: float
    high: float
    ticks: Sequence[Tick]
    write: Callable[[float], str]
    title: str = ""


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
    _without_lxml()
    chart = XY(
        **_settings(is_wide=is_wide),
        x_title=x.title or None,
        range=_ends(y),
        xrange=_ends(x),
        allow_interruptions=True,
        dots_size=3,
    )
    chart.x_labels = [{"value": tick.position, "label": x.write(tick.value)} for tick in x.ticks]
    chart.y_labels = [{"value": tick.position, "label": y.write(tick.value)} for tick in y.ticks]
    for place, of_one in enumerate(series):
        points = [{"value": (point.x, point.y), "label": point.label} for point in of_one.points]
        chart.add(f"{place}", points, stroke=of_one.is_line, show_dots=of_one.has_dots)
    return _finished(chart)


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
    _without_lxml()
    height = 60 + 26 * len(bars)
    chart = HorizontalBar(**_settings(is_wide=False) | {"height": height}, range=_ends(x), zero=0)
    upwards = bars[::-1]
    chart.x_labels = [bar.name for bar in upwards]
    chart.y_labels = [{"value": tick.position, "label": x.write(tick.value)} for tick in x.ticks]
    chart.add("", [_bar_value(bar, x) for bar in upwards])
    return _finished(chart)


def _bar_value(bar: Bar, x: Marks) -> dict[str, Any]:
    value: dict[str, Any] = {"value": bar.length, "label": f"{bar.name}: {x.write(bar.length)}"}
    if bar.is_faint:
        value["node"] = {"class": "rect faint"}
    if bar.error is None:
        return value
    low, high = max(bar.length - bar.error, x.low), min(bar.length + bar.error, x.high)
    return value | {"ci": {"low": low, "high": high}}


def _settings(*, is_wide: bool) -> dict[str, Any]:
    return {
        "width": WIDE_WIDTH if is_wide else WIDTH,
        "height": WIDE_HEIGHT if is_wide else HEIGHT,
        "style": _STYLE,
        "js": [],
        "show_legend": False,
        "margin": 4,
        "margin_right": 12,
        "show_x_guides": False,
        "spacing": 6,
        "truncate_label": -1,  # labels are as long as they should be
    }


def _ends(marks: Marks) -> tuple[float, float]:
    """Return an axis's ends; pygal needs them to differ."""
    return (marks.low, marks.high) if marks.high > marks.low else (marks.low - 0.5, marks.high + 0.5)


def _without_lxml() -> None:
    """Have pygal build its trees by the standard library, also where lxml is installed: the same bytes."""
    etree.to_etree()


def _finished(chart: XY | HorizontalBar) -> Markup:
    """Return a chart as the page has it: elements and classes alone."""
    root = chart.render_tree()
    _take_out(root)
    root.attrib.pop("id", None)
    root.set("class", "chart")
    root.set("aria-hidden", "true")  # the figure around it has the words
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 (escaped by ElementTree)


def _take_out(element: ET.Element) -> None:
    """Take out what is not used below an element; labels become titles, numbers have one decimal."""
    for name, value in element.attrib.items():
        element.set(name, _DECIMALS.sub(r"\1", value) if name != "class" else value)
    kept: list[ET.Element] = []
    label: str | None = None
    for child in element:
        if child.tag == "desc" and child.get("class") == "label":
            label = child.text
        if child.tag in _UNUSED or child.get("class") in _UNUSED_CLASSES:
            continue
        _take_out(child)
        kept.append(child)
    element[:] = kept
    if label:
        title = ET.Element("title")
        title.text = label
        element.append(title)
