"""What is said of the network beside simpler models, and of a look for a search that went on after it.

The first rests on the difference's interval alone; the second says whose figure it is, and whose it is not.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.report.facts import final_facts
from service.report.facts.comparison import Difference, Verdict, difference_of
from service.report.facts.final_facts import SearchAfterLook
from service.report.facts.study_report import StudyReport
from service.report.wording.final_figure import (
    after_look_sentences,
    against,
    against_baselines,
    gain_ends,
    verdict_sentences,
)
from tests.service.iris_study import new_store, search_iris
from workers.metrics.metric import Metric


def found(metric: Metric, value: float, low: float, high: float) -> Difference:
    return difference_of(metric, value=value, interval=(low, high), method="paired, Student's t")


@pytest.mark.parametrize(
    ("metric", "difference", "verdict", "said"),
    [
        (
            Metric.ERROR,
            (-0.03, -0.05, -0.01),
            Verdict.BETTER,
            "better than the line by 3.00 points (1.00 to 5.00 points)",
        ),
        (
            Metric.ERROR,
            (0.03, 0.01, 0.05),
            Verdict.WORSE,
            "worse than the line by 3.00 points (1.00 to 5.00 points)",
        ),
        (
            Metric.ERROR,
            (-0.03, -0.07, 0.01),
            Verdict.NO_DIFFERENCE,
            (
                "no clear difference from the line: 3.00 points better"
                " (1.00 points worse to 7.00 points better, which includes 0)"
            ),
        ),
        (
            Metric.ROC_AUC,
            (0.03, 0.01, 0.05),
            Verdict.BETTER,
            "better than the line by 0.03 (0.01 to 0.05)",
        ),
        (
            Metric.R_SQUARED,
            (-0.03, -0.05, -0.01),
            Verdict.WORSE,
            "worse than the line by 0.03 (0.01 to 0.05)",
        ),
        (
            Metric.RMSE,
            (0.0, -12.0, 12.0),
            Verdict.NO_DIFFERENCE,
            "no clear difference from the line: the same figure (12 worse to 12 better, which includes 0)",
        ),
    ],
)
def test_a_model_is_better_or_worse_where_the_interval_is_and_in_the_metrics_sense(
    metric: Metric, difference: tuple[float, float, float], verdict: Verdict, said: str
) -> None:
    one = found(metric, *difference)
    assert one.verdict is verdict
    assert against("line", one, metric) == said


def test_without_an_interval_nothing_is_claimed() -> None:
    one = difference_of(Metric.CALIBRATION_ERROR, value=-0.2, interval=None, method="no interval, as it is")
    assert one.verdict is Verdict.UNKNOWN
    assert gain_ends(one, Metric.CALIBRATION_ERROR) == "-"
    assert against("line", one, Metric.CALIBRATION_ERROR) == (
        "compared with the line: 20.00 points better (no interval, as it is)"
    )


def test_simpler_models_are_named_by_what_can_be_said_whatever_their_figures_are() -> None:
    """The network's own interval holds all the figures: it has no part in the verdict."""
    test = final_facts.TestFigures(
        winner_trial=0,
        n_models=1,
        n_examples=400,
        models={name: {"error": 0.2} for name in ("winner", "majority class", "line", "trees")},
        differences={
            "majority class": {"error": found(Metric.ERROR, -0.02, -0.03, -0.01)},
            "line": {"error": found(Metric.ERROR, -0.02, -0.05, 0.01)},
            "trees": {"error": found(Metric.ERROR, 0.02, 0.01, 0.03)},
        },
        interval=(0.1, 0.3),
        interval_method="Wilson",
        n_faulty={},
        by_class=None,
    )
    assert verdict_sentences(test, Metric.ERROR, noun="network") == (
        "The network is significantly better than the majority class."
        " The network is significantly worse than the trees."
        " No clear difference from the line: the interval includes 0."
    )
    assert [line.split()[0] for line in against_baselines(test, Metric.ERROR)] == ["worse", "no", "better"]


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
