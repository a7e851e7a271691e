"""The page is one file that is whole in itself, says all in order, and has nothing of a sealed test set.

Numbers are in it as CSV: in full, and never a formula.
"""

import base64
import csv
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO

import pytest

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Numbers
from service.report.page.page import POLICY, csv_text, page_html
from service.report.wording.final_figure import gain_ends, verdict_sentences
from service.report.wording.numbers import metric_text
from tests.service.report.page.html_page import parsed
from tests.service.report.page.made_contents import full_contents

NAMES = ("opened", "sealed", "folds", "regression", "searched")
SECTIONS = ["answer", "trust", "search", "learning", "failures", "next", "reproduce", "appendix", "words"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_whole_in_itself(contents: Mapping[str, ReportContents], name: str) -> None:
    html = page_html(full_contents(contents[name]))
    page = parsed(html)

    assert not page.all("script")
    assert not page.all("link")
    assert {meta.attributes.get("content") for meta in page.all("meta")} > {POLICY}
    addresses = [
        value
        for element in (*page.all("a"), *page.all("img"), *page.all("use"))
        for attribute, value in element.attributes.items()
        if attribute in {"href", "src", "xlink:href"}
    ]
    assert addresses
    assert all(address.startswith(("#", "data:")) for address in addresses)
    assert "url(" not in html
    assert "@import" not in html
    assert len(html.encode()) < 2_000_000


@pytest.mark.parametrize("name", NAMES)
def test_its_sections_are_in_order_and_its_links_lead_somewhere(
    contents: Mapping[str, ReportContents], name: str
) -> None:
    page = parsed(page_html(full_contents(contents[name])))

    assert [section.attributes["id"] for section in page.all("section")] == SECTIONS
    every = [element for tag in ("section", "p") for element in page.all(tag)]
    places = [element.attributes["id"] for element in every if "id" in element.attributes]
    assert len(places) == len(set(places))
    links = {link.attributes["href"] for link in page.all("a") if link.attributes["href"].startswith("#")}
    assert links <= {f"#{place}" for place in places}


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_has_words_and_numbers(contents: Mapping[str, ReportContents], name: str) -> None:
    page = parsed(page_html(full_contents(contents[name])))

    figures = page.all("figure")
    assert len(figures) >= 6
    for figure in figures:
        (drawing,) = [div for div in figure.all("div") if div.attributes.get("role") == "img"]
        assert len(drawing.attributes["aria-label"]) > 20
        (caption,) = figure.all("figcaption")
        assert caption.all("a"), f"{figure.words} has no numbers"


def test_downloads_hold_all_rows(contents: Mapping[str, ReportContents]) -> None:
    page = parsed(page_html(contents["opened"]))

    (trials,) = [link for link in page.all("a") if link.attributes.get("download") == "trials.csv"]
    kind, _, content = trials.attributes["href"].partition(",")
    rows = list(csv.DictReader(StringIO(base64.b64decode(content).decode())))
    assert kind == "data:text/csv;charset=utf-8;base64"
    assert [int(row["trial"]) for row in rows] == [point.trial for point in contents["opened"].points]
    for row, point in zip(rows, contents["opened"].points, strict=True):
        assert (float(row["dev error"]) if row["dev error"] else None) == point.figure
        assert int(row["epochs"]) == point.epochs
        assert float(row["learning_rate"]) == point.values["learning_rate"]


def test_every_table_has_as_many_cells_as_headings(contents: Mapping[str, ReportContents]) -> None:
    tables = parsed(page_html(full_contents(contents["opened"]))).all("table")

    assert len(tables) > 10
    for table in tables:
        n_columns = len(table.all("thead")[0].all("th"))
        (body,) = table.all("tbody")
        assert body.children
        assert {len(row.children) for row in body.children} == {n_columns}, table.words


def test_the_same_study_gives_the_same_bytes(contents: Mapping[str, ReportContents]) -> None:
    assert page_html(contents["opened"]) == page_html(contents["opened"])


def test_the_answer_is_the_test_figure_with_its_interval(contents: Mapping[str, ReportContents]) -> None:
    report = contents["opened"].report
    assert report.test is not None
    words = parsed(page_html(contents["opened"])).all("section")[0].words

    figure = metric_text(report.metric, report.test.models["winner"][report.metric])
    low, high = (metric_text(report.metric, end) for end in report.test.interval)
    assert words.startswith(f"The answer {figure} error on 30 rows that nothing was fitted to or chosen by")
    assert f"95 % interval {low} to {high}" in words
    assert "where always predicting the commonest class reaches" in words
    assert verdict_sentences(report.test, report.metric, noun="network", with_figures=True) in words
    assert "The network's gain in error over simpler models, on the same test rows" in words
    for by_metric in report.test.differences.values():
        assert gain_ends(by_metric[report.metric], report.metric) in words


def test_where_an_average_is_shipped_the_answer_is_its_own(
    contents: Mapping[str, ReportContents],
) -> None:
    opened = contents["opened"]
    assert opened.report.test is not None
    assert opened.report.winner is not None
    winner = opened.report.winner.model_copy(update={"n_models": 5})
    averaged = replace(opened, report=opened.report.model_copy(update={"winner": winner}))
    words = parsed(page_html(averaged)).all("section")[0].words
    sentences = verdict_sentences(opened.report.test, opened.report.metric, noun="average", with_figures=True)
    assert "average" in sentences
    assert sentences in words
    assert "The average's gain in error over simpler models" in words


def test_before_the_opening_it_has_no_test_figure(contents: Mapping[str, ReportContents]) -> None:
    """A page of the same study differs by its test figures; sealed, it has a cell that says so instead."""
    report = contents["opened"].report
    sealed = replace(contents["opened"], report=report.model_copy(update={"test": None, "looks": ()}))
    strange = {"error": 0.123456, "log_loss": 7.654321}
    assert report.test is not None
    test = report.test.model_copy(
        update={"models": {model: {**of, **strange} for model, of in report.test.models.items()}}
    )
    opened = replace(contents["opened"], report=report.model_copy(update={"test": test}))

    assert "12.35 %" in page_html(opened)
    words = parsed(page_html(sealed)).words
    assert "12.35 %" not in words
    assert "The test set is still sealed, so this is no final figure." in words
    (first, *_) = parsed(page_html(sealed)).all("table")
    body = first.all("tbody")[0]
    assert [row.children[-1].words for row in body.children] == ["sealed"] * len(body.children)


def test_what_a_sealed_study_stores_is_complete_but_for_test_figures(
    contents: Mapping[str, ReportContents],
) -> None:
    page = parsed(page_html(full_contents(contents["sealed"])))

    assert contents["sealed"].report.test is None
    assert [section.attributes["id"] for section in page.all("section")] == SECTIONS
    titles = [heading.words for heading in page.all("h3")]
    for title in (
        "The best so far",
        "What training lowers",
        "Outputs of its layers",
        "Are its probabilities right?",
    ):
        assert title in titles


def test_words_are_explained_where_they_first_stand(contents: Mapping[str, ReportContents]) -> None:
    page = parsed(page_html(full_contents(contents["opened"])))
    explained = [each.words for each in page.all("abbr")]
    assert {"sealed", "finalists", "95 % interval"} <= set(explained)
    assert len(explained) == len(set(explained))
    assert all(len(each.attributes["title"]) > 20 for each in page.all("abbr"))


def test_what_may_all_be_chance_is_folded_away(contents: Mapping[str, ReportContents]) -> None:
    found = contents["opened"].importances
    assert found is not None
    for is_clear in (True, False):
        importances = tuple(each.model_copy(update={"is_clear": is_clear}) for each in found.importances)
        changed = found.model_copy(update={"importances": importances})
        page = parsed(page_html(replace(contents["opened"], importances=changed)))
        summaries = [each.words for each in page.all("summary")]
        assert ("What mattered: all of it may be chance" in summaries) is not is_clear


def test_numbers_come_back_as_they_were() -> None:
    numbers = Numbers("n", ("a", "b,c"), ((0.1 + 0.2, 'say "x"\nagain'), (None, -3)))
    rows = list(csv.reader(StringIO(csv_text(numbers))))
    assert rows == [["a", "b,c"], [repr(0.1 + 0.2), 'say "x"\nagain'], ["", "-3"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_text_is_no_formula(text: str) -> None:
    (_, (cell,)) = csv.reader(StringIO(csv_text(Numbers("n", ("a",), ((text,),)))))
    assert cell == f"'{text}"
