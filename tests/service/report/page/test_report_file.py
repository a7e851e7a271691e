"""A report's file is of the kind that its name says, there whole or not at all, and small enough to send."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from optuna.trial import TrialState

from service.errors import BadInputError
from service.report.facts.report_contents import ReportContents, gather_contents
from service.report.facts.study_report import StudyReport
from service.report.page.markdown import page_markdown
from service.report.page.page import page_html
from service.report.page.report_file import default_path, report_kind, write_report
from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialResult, record_of
from tests.service.iris_study import IrisStudy, new_store, search_iris


def test_its_ending_says_what_it_is(contents: Mapping[str, ReportContents], tmp_path: Path) -> None:
    shown = contents["opened"]
    for name in ("a.html", "a.HTML", "a.md", "a.json"):
        write_report(shown, tmp_path / name)

    assert (tmp_path / "a.html").read_text("utf-8") == page_html(shown)
    assert (tmp_path / "a.HTML").read_text("utf-8") == page_html(shown)
    assert (tmp_path / "a.md").read_text("utf-8") == page_markdown(shown)
    assert StudyReport.model_validate_json((tmp_path / "a.json").read_text("utf-8")) == shown.report


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.html.gz", ".html"])
def test_another_ending_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match=r"ends in one of \.html, \.md, \.json, got '.*'"):
        report_kind(Path(name))


def test_without_a_place_it_lies_in_the_working_directory() -> None:
    assert default_path("digits") == Path("digits-report.html")


def test_one_that_is_there_makes_way_and_nothing_is_left_beside(
    contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    path = tmp_path / "report.md"
    path.write_text("old")
    (tmp_path / "link.md").symlink_to(path)
    write_report(contents["opened"], tmp_path / "link.md")

    assert (tmp_path / "link.md").is_symlink()
    assert path.read_text("utf-8").startswith("# Predicting")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link.md", "report.md"]


def test_a_place_that_cannot_be_written_is_named_and_kept(
    contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(BadInputError, match=r"taken\.html cannot be written: Is a directory"):
        write_report(contents["opened"], tmp_path / "taken.html")
    with pytest.raises(BadInputError, match=r"a\.md cannot be written: No such file or directory"):
        write_report(contents["opened"], tmp_path / "missing" / "a.md")
    assert [file.name for file in tmp_path.iterdir()] == ["taken.html"]


N_TRIALS = 2_000
MOST_BYTES = 2_000_000


def lengthen(study: IrisStudy, n_trials: int) -> None:
    """Repeat a study's trials in storage until there are so many, each with a figure of its own."""
    trials = study.store.trials(study.name)
    asked, ended = [], []
    for number in range(len(trials), n_trials):
        trial = trials[number % len(trials)]
        began = TrialAttributes(seed=number, virtual_start=float(number))
        record = record_of(trial)
        attributes = record.attributes.copy()
        del attributes["seed"], attributes["virtual_start"]
        figure = 0.1 + 0.8 * (number * 7919 % n_trials) / n_trials
        state = TrialState.PRUNED if number % 3 else TrialState.COMPLETE
        asked.append(AskedTrial(number, trial.params, trial.distributions, began))
        curve = {**record.learning_curve, "dev_metric": [figure] * record.epochs}
        attributes |= TrialAttributes(learning_curve=curve)
        ended.append(TrialResult(number, state, figure, [figure], attributes))
    study.store.record(study.name, ended=[], asked=asked)
    study.store.record(study.name, ended=ended, asked=[])


def test_it_draws_no_point_too_many(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    study.conclude(keep_sealed=True)
    lengthen(study, N_TRIALS)

    contents = gather_contents(study.stored, study.store)
    write_report(contents, tmp_path / "report.html")

    page = (tmp_path / "report.html").read_text("utf-8")
    assert len(contents.points) == N_TRIALS
    assert len(page.encode()) < MOST_BYTES
    drawings = page.split("<svg")[1:]
    assert max(drawing.count("<circle") for drawing in drawings) <= 301
    assert "of 2,000 trials are drawn" in page
    study.store.close()
