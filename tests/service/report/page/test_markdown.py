"""The report as Markdown: the same sections and tables as the page, pictures as their numbers.

The note in optuna-dashboard is read by its own function, without test figures, and never over a person's.
"""

from collections.abc import Mapping
from pathlib import Path

import optuna
import pytest
from markdown_it import MarkdownIt
from optuna_dashboard import get_note, save_note

from service.commands.report_writing import write_dashboard_note
from service.report.facts.report_contents import ReportContents
from service.report.page.markdown import dashboard_note, fenced, page_markdown
from service.report.page.page import page_html
from service.report.wording.numbers import metric_text
from tests.service.iris_study import IrisStudy, new_store
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


def test_of_pictures_it_has_what_is_to_be_seen_and_not_how_a_drawing_is_read(
    contents: Mapping[str, ReportContents],
) -> None:
    markdown = page_markdown(full_contents(contents["opened"]))
    assert "**What training lowers.** Train and dev loss by epoch of " in markdown
    for drawn in ("Each dot", "Each line is a trial", "The bars show", "The line is the best", "on the line"):
        assert drawn not in markdown


def test_before_the_opening_it_has_no_test_figure(contents: Mapping[str, ReportContents]) -> None:
    markdown = page_markdown(contents["sealed"])

    assert "**The test set is still sealed, so this is no final figure.**" in markdown
    assert "| sealed |" in markdown


def test_a_command_with_a_fence_in_it_stays_one() -> None:
    assert fenced("a ``` b") == "````\na ``` b\n````"


def test_it_tells_the_dev_figure_and_no_test_figure(studies: dict[str, IrisStudy]) -> None:
    report = studies["opened"].report
    note = dashboard_note(report)

    assert report.test is not None
    assert report.winner is not None
    assert f"**Winner: trial {report.winner.trial}**" in note
    assert metric_text(report.metric, report.winner.dev_metric).replace("_", r"\_") in note
    strange = report.test.model_copy(
        update={"models": {"winner": {"error": 0.123456}}, "interval": (0.1, 0.2), "n_examples": 98_765}
    )
    assert dashboard_note(report.model_copy(update={"test": strange})) == note
    assert dashboard_note(report.model_copy(update={"test": None, "looks": ()})) == note


@pytest.mark.parametrize("name", ["sealed", "folds", "regression", "searched"])
def test_every_study_has_one(studies: dict[str, IrisStudy], name: str) -> None:
    assert f"proctor report {name}" in dashboard_note(studies[name].report)


def test_optuna_dashboard_reads_it_and_a_persons_is_left_alone(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.create("study", {})
    study = optuna.load_study(study_name="study", storage=store.optuna_storage)
    long = "line of the first note\n" * 200

    assert write_dashboard_note(store.optuna_storage, "study", long)
    assert get_note(study) == long
    assert write_dashboard_note(store.optuna_storage, "study", "short")
    assert get_note(study) == "short"
    save_note(study, "mine")
    assert not write_dashboard_note(store.optuna_storage, "study", "another")
    assert get_note(study) == "mine"
    store.close()
