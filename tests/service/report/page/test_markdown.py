"""The report as Markdown: the same sections and tables as the page, pictures as their numbers."""

from collections.abc import Mapping

from markdown_it import MarkdownIt

from service.report.facts.report_contents import ReportContents
from service.report.page.markdown import fenced, page_markdown
from service.report.page.page import page_html
from tests.service.report.page.html_page import parsed
from tests.service.report.page.made_contents import full_contents


def test_it_says_what_the_page_says(contents: Mapping[str, ReportContents]) -> None:
    full = full_contents(contents["opened"])
    page = parsed(page_html(full))
    rendered = MarkdownIt("commonmark").enable("table").render(page_markdown(full))
    markdown = parsed(rendered)

    assert [h.words for h in markdown.all("h2")] == [h.words for h in page.all("h2")]
    paragraphs = {p.words for p in markdown.all("p")}
    of_page = {p.words for p in page.all("p") if p.attributes.get("class") in {"text", "warning"}}
    assert len(of_page) > 8
    assert of_page <= paragraphs
    cells = [[cell.words for cell in table.all("td")] for table in markdown.all("table")]
    for table in page.all("table"):
        if table.all("caption")[0].words:  # a picture's numbers have none, and may be fewer in Markdown
            rows = table.all("tbody")[0].children
            assert [cell.words for row in rows for cell in row.children] in cells


def test_before_the_opening_it_has_no_test_figure(contents: Mapping[str, ReportContents]) -> None:
    markdown = page_markdown(contents["sealed"])

    assert "**The test set is still sealed, so this is no final figure.**" in markdown
    assert "| sealed |" in markdown


def test_a_command_with_a_fence_in_it_stays_one() -> None:
    assert fenced("a ``` b") == "````\na ``` b\n````"
