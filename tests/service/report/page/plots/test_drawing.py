"""A drawing has its points where they belong, and nothing that a page without scripts has no use for."""

import sys
from math import isclose
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from service.report.page.plots.drawing import Bar, Marks, Point, Series, draw_bars, draw_points, linear_ticks

SVG = "{http://www.w3.org/2000/svg}"


def marks(low: float, high: float) -> Marks:
    return Marks(low, high, linear_ticks(low, high, n=5), lambda value: f"{value:g}", "epoch")


def elements(svg: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter(f"{SVG}{tag}"))  # noqa: S314 (our own)


def test_points_lie_where_their_values_say() -> None:
    svg = draw_points([Series([Point(0, 0), Point(1, 1), Point(4, 2)])], marks(0, 4), marks(0, 2))

    x, y = ([float(circle.attrib[name]) for circle in elements(svg, "circle")] for name in ("cx", "cy"))
    assert isclose((x[1] - x[0]) / (x[2] - x[0]), 0.25, abs_tol=0.001)
    assert isclose((y[1] - y[0]) / (y[2] - y[0]), 0.5, abs_tol=0.001)
    assert y[0] > y[2]
    assert [text.text for text in elements(svg, "text")] == [
        "0",
        "0.5",
        "1",
        "1.5",
        "2",
        "0",
        "1",
        "2",
        "3",
        "4",
        "epoch",
    ]


def test_a_line_breaks_where_there_is_no_value() -> None:
    points = [Point(0, 1), Point(1, 2), Point(1, None), Point(2, 1), Point(3, 0)]
    svg = draw_points([Series(points, is_line=True, has_dots=False)], marks(0, 3), marks(0, 2))

    lines = [path for path in elements(svg, "path") if "line" in path.attrib["class"].split()[:1]]
    of_series = [path.attrib["d"] for path in lines if "nofill" in path.attrib["class"]]
    assert len(of_series) == 2
    assert not elements(svg, "circle")


def test_labels_are_titles_and_nothing_else_is_left() -> None:
    svg = draw_points([Series([Point(0, 0, "<b>&</b>"), Point(1, 1)])], marks(0, 1), marks(0, 1))

    assert [title.text for title in elements(svg, "title")] == ["<b>&</b>"]
    for left in ("<!--", "<script", "<style", "<desc", "pygal 3", "http://pygal"):
        assert left not in svg
    assert not any("id" in element.attrib for element in ET.fromstring(svg).iter())  # noqa: S314 (our own)


def test_bars_are_as_long_as_they_should_be_the_first_one_on_top() -> None:
    svg = draw_bars([Bar("a", 2.0, 0.5), Bar("b", -1.0)], marks(-1, 3))

    upper, lower = sorted(elements(svg, "rect"), key=lambda rect: float(rect.attrib["y"]))
    assert isclose(float(upper.attrib["width"]), 2 * float(lower.attrib["width"]), abs_tol=0.2)
    assert isclose(
        float(lower.attrib["x"]) + float(lower.attrib["width"]), float(upper.attrib["x"]), abs_tol=0.2
    )
    assert len([group for group in elements(svg, "g") if group.get("class") == "ci"]) == 1


def test_drawing_leaves_imports_as_they_are() -> None:
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)


def test_it_is_the_same_where_lxml_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from pygal.etree import etree  # noqa: PLC0415 (its choice is what is tested)

    series = [Series([Point(0, 0, "x"), Point(1, 1)])]
    before = draw_points(series, marks(0, 1), marks(0, 1))
    elsewhere = ModuleType("lxml_etree")
    monkeypatch.setitem(sys.modules, "lxml", elsewhere)
    etree._lxml_etree = elsewhere  # noqa: SLF001 (as if it had been there at the start)
    etree.to_lxml()
    try:
        assert draw_points(series, marks(0, 1), marks(0, 1)) == before
    finally:
        etree.to_etree()
        etree._lxml_etree = None  # noqa: SLF001
