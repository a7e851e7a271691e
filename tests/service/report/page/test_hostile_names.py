"""Names, columns and cells that hold HTML, script or table marks come out as the text that they are."""

from collections.abc import Mapping

import pytest
from markdown_it import MarkdownIt

from service.report.facts.report_contents import ReportContents
from service.report.page.markdown import escaped, page_markdown
from service.report.page.page import page_html
from tests.service.report.page.hostile_contents import HOSTILE, hostile_contents
from tests.service.report.page.html_page import parsed


def test_on_the_page_they_are_text(contents: Mapping[str, ReportContents]) -> None:
    page = parsed(page_html(hostile_contents(contents["opened"])))

    assert not page.all("script")
    assert not page.all("img")
    assert len(page.all("style")) == 1
    assert not [
        e for tag in ("a", "td", "th", "p", "svg") for e in page.all(tag) if "onerror" in e.attributes
    ]
    assert page.all("h1")[0].words == f"Predicting {HOSTILE} from {HOSTILE.rpartition('/')[2]}"
    told = [cell.words for cell in page.all("td")]
    assert HOSTILE in told
    labels = [text.words for svg in page.all("svg") for text in svg.all("text")]
    assert HOSTILE in labels


def test_in_markdown_they_are_text(contents: Mapping[str, ReportContents]) -> None:
    html = (
        MarkdownIt("commonmark", {"html": True})
        .enable("table")
        .render(page_markdown(hostile_contents(contents["opened"])))
    )

    page = parsed(html)
    assert not page.all("script")
    assert not page.all("img")
    assert not page.all("a")
    assert page.all("h1")[0].words == f"Predicting {HOSTILE} from {HOSTILE.rpartition('/')[2]}"
    for table in page.all("table"):
        n_columns = len(table.all("th"))
        assert {len(row.all("td")) for row in table.all("tbody")[0].all("tr")} == {n_columns}, table.words
    assert HOSTILE in [cell.words for cell in page.all("td")]


@pytest.mark.parametrize(
    "text",
    [
        "# no heading",
        "- no item",
        "1. no item",
        "> no quote",
        "a | b",
        "a\nb",
        "<b>bold</b>",
        "&lt;",
        "`code`",
        "~~struck~~",
        "--- ",
        "    indented",
        "\\",
        "![x](y)",
        "www.example.org_a_",
        "-0.5",
        "0.5",
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str) -> None:
    page = parsed(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(escaped(text)))

    assert page.words == " ".join(text.split())
    assert [child.tag for child in page.children] == ["p"]
    assert not page.children[0].children
