"""A drawing has its points and bars where they belong, texts escaped, and marks at round values."""

from itertools import pairwise
from math import isclose, log10
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.report.page.drawing import (
    Bar,
    Marks,
    Point,
    Series,
    draw_bars,
    draw_points,
    linear_ticks,
    log_ticks,
)

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

    line = elements(svg, "path")[-1].attrib["d"]
    assert [word[0] for word in line.split() if word[0].isalpha()] == list("MLML")
    assert not elements(svg, "circle")


def test_labels_are_titles_and_all_texts_are_escaped() -> None:
    axis = Marks(0, 1, linear_ticks(0, 1, n=5), lambda _: "<i>", "<u>")
    svg = draw_points([Series([Point(0, 0, "<b>&</b>"), Point(1, 1)])], axis, axis)

    assert [title.text for title in elements(svg, "title")] == ["<b>&</b>"]
    assert {text.text for text in elements(svg, "text")} == {"<i>", "<u>"}
    assert {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()} <= {  # noqa: S314 (our own)
        *("svg", "g", "path", "text", "circle", "title")
    }


def test_bars_are_as_long_as_they_should_be_the_first_one_on_top() -> None:
    svg = draw_bars([Bar("a", 2.0, 0.5), Bar("b", -1.0)], marks(-1, 3))

    upper, lower = sorted(elements(svg, "rect"), key=lambda rect: float(rect.attrib["y"]))
    assert isclose(float(upper.attrib["width"]), 2 * float(lower.attrib["width"]), abs_tol=0.2)
    assert isclose(
        float(lower.attrib["x"]) + float(lower.attrib["width"]), float(upper.attrib["x"]), abs_tol=0.2
    )
    assert [path.get("class") for path in elements(svg, "path")].count("error") == 1


def test_an_axis_of_one_value_has_it_in_the_middle() -> None:
    svg = draw_points([Series([Point(3, 1)])], marks(3, 3), marks(1, 1))

    (circle,), (x_label,) = elements(svg, "circle"), elements(svg, "text")[1:2]
    assert circle.attrib["cx"] == x_label.attrib["x"]


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), n=st.integers(2, 8))
def test_linear_marks_are_few_even_and_inside(low: float, span: float, n: int) -> None:
    ticks = [tick.value for tick in linear_ticks(low, low + span, n=n)]

    assert 1 <= len(ticks) <= n + 1
    assert all(low - 1e-6 * span <= tick <= low + span + 1e-6 * span for tick in ticks)
    steps = [after - before for before, after in pairwise(ticks)]
    assert all(isclose(step, steps[0], rel_tol=1e-6) for step in steps)


@given(low=st.floats(1e-8, 1e6), factor=st.floats(1.05, 1e9))
def test_log_marks_are_few_and_inside(low: float, factor: float) -> None:
    ticks = log_ticks(low, low * factor)

    assert 1 <= len(ticks) <= 9
    assert all(isclose(tick.position, log10(tick.value)) for tick in ticks)
    assert all(low * (1 - 1e-6) <= tick.value <= low * factor * (1 + 1e-6) for tick in ticks)


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (1e-5, 1e-1, [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]),
        (16, 256, [20, 50, 100, 200]),
        (0.5074, 0.9195, [0.6, 0.8]),
    ],
)
def test_log_marks_are_round(low: float, high: float, values: list[float]) -> None:
    assert [tick.value for tick in log_ticks(low, high)] == pytest.approx(values)


def test_ends_that_are_the_same_have_one_mark() -> None:
    assert [tick.value for tick in linear_ticks(3.0, 3.0, n=5)] == [3.0]
