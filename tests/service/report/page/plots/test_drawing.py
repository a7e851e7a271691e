"""A drawing has its points and bars where they belong, and texts escaped."""

from math import isclose
from xml.etree import ElementTree as ET

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
