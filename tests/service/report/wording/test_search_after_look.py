"""What a look means for a search that went on after it: whose figure it is, and whose it is not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.report.facts.final_facts import SearchAfterLook
from service.report.facts.study_report import StudyReport
from service.report.wording.search_after_look import after_look_sentences
from tests.service.iris_study import new_store, search_iris


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[StudyReport]:
    study = search_iris(new_store(tmp_path), trials=2)
    study.conclude(keep_sealed=True)
    yield study.report
    study.store.close()


def after_look_at(report: StudyReport, trial: int) -> list[str]:
    """Return the sentences of a study that has not opened the test set, as a copy of one that has."""
    opened_at = datetime(2030, 1, 2, tzinfo=UTC)
    look = SearchAfterLook(
        look=1,
        opened_at=opened_at,
        winner_trial=trial,
        figure=0.1,
        interval=(0.0, 0.2),
        n_trials=2,
        n_after=3,
    )
    return list(after_look_sentences(report.model_copy(update={"searches_after_looks": (look,)})))


def test_a_copy_whose_winner_is_the_one_that_was_looked_at_has_its_figure(sealed: StudyReport) -> None:
    assert sealed.winner is not None
    trial = sealed.winner.trial
    (sentence,) = after_look_at(sealed, trial)
    assert sentence.startswith(
        f"The winner is still trial {trial}, so the figure from that look is its figure"
    )
    assert sentence.endswith("has not opened the test set")


def test_another_winner_has_no_figure_yet(sealed: StudyReport) -> None:
    assert sealed.winner is not None
    trial = sealed.winner.trial
    first, caution = after_look_at(sealed, 1 - trial)
    assert first == f"The winner is now trial {trial}, which has not been evaluated on the test set"
    assert "would tend to be too good" in caution
