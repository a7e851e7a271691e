"""What the opening shows of overfitting to dev, beside what was foretold."""

from math import hypot
from pathlib import Path

import numpy as np
import pytest

from service.report.facts.final_facts import Overfitting, overfitting_of
from service.report.wording.final_figure import overfitting_text
from service.uncertainty.interval import Interval
from service.uncertainty.proportions import wilson_interval
from service.winner.examination.selection import bootstrap_selection
from tests.service.iris_study import new_store, search_iris
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric


def test_the_gap_is_above_0_where_test_is_worse_whatever_the_metrics_sense() -> None:
    error = overfitting_of(
        Metric.ERROR,
        dev=0.10,
        dev_interval=Interval(0.09, 0.12),
        test=0.15,
        test_interval=Interval(0.13, 0.19),
        foretold=0.0,
    )
    assert error.size == pytest.approx(0.05)
    assert error.standard_error == pytest.approx(hypot(0.02, 0.02) / 1.95996, rel=1e-4)
    assert error.is_clear
    area = overfitting_of(
        Metric.ROC_AUC,
        dev=0.90,
        dev_interval=Interval(0.87, 0.91),
        test=0.91,
        test_interval=Interval(0.85, 0.95),
        foretold=None,
    )
    assert area.size == pytest.approx(-0.01)
    assert area.standard_error == pytest.approx(hypot(0.01, 0.06) / 1.95996, rel=1e-4)
    assert not area.is_clear


@pytest.mark.parametrize(("foretold", "is_clear"), [(None, True), (-0.05, True), (0.01, True), (0.04, False)])
def test_a_gap_that_was_foretold_is_no_accusation(foretold: float | None, *, is_clear: bool) -> None:
    found = overfitting_of(
        Metric.ERROR,
        dev=0.10,
        dev_interval=Interval(0.09, 0.12),
        test=0.15,
        test_interval=Interval(0.13, 0.19),
        foretold=foretold,
    )
    assert found.is_clear is is_clear
    assert found.size == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("n_dev", "n_test", "error_rate", "share_of_same_errors"),
    [(50, 50, 0.05, 0.0), (100, 1000, 0.1, 0.0), (200, 200, 0.2, 0.5), (60, 2000, 0.05, 0.8)],
)
def test_the_best_of_trials_that_are_all_alike_is_seldom_accused(
    n_dev: int, n_test: int, error_rate: float, share_of_same_errors: float
) -> None:
    """Their best dev figure is luck, as the test set shows; by the gap alone, 8 to 77 in 100 are accused."""
    rng = np.random.default_rng(0)
    n_accused = 0
    for study in range(200):
        together, alone = rng.random(n_dev), rng.random((40, n_dev))
        is_wrong = np.where(rng.random((40, n_dev)) < share_of_same_errors, together, alone) < error_rate
        predictions = np.stack([~is_wrong, is_wrong], axis=-1).astype(np.float32)
        y = np.zeros(n_dev, dtype=np.int64)
        foretold = bootstrap_selection(
            Metric.ERROR, predictions, y, units=None, seed=study, n_repeats=30, rule=MOST_PROBABLE
        ).size
        n_wrong, n_wrong_of_test = int(is_wrong.sum(axis=1).min()), int(rng.binomial(n_test, error_rate))
        n_accused += overfitting_of(
            Metric.ERROR,
            dev=n_wrong / n_dev,
            dev_interval=wilson_interval(n_wrong, n_dev),
            test=n_wrong_of_test / n_test,
            test_interval=wilson_interval(n_wrong_of_test, n_test),
            foretold=foretold,
        ).is_clear
    assert n_accused <= 0.05 * 200


@pytest.mark.parametrize(
    ("foretold", "beyond"), [(None, "chance explains"), (0.01, "selection and chance explain")]
)
def test_what_the_gap_is_beyond_is_said(foretold: float | None, beyond: str) -> None:
    found = Overfitting(size=0.05, standard_error=0.01, foretold=foretold, is_clear=True)
    assert f"that is more than {beyond}: the search overfitted the dev set" in overfitting_text(
        found, Metric.ERROR
    )


def test_it_is_told_after_the_opening_and_never_before(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    study.conclude(keep_sealed=True)
    assert study.report.overfitting is None
    study.conclude()
    report = study.report
    assert report.overfitting is not None
    assert report.test is not None
    assert report.winner is not None
    assert report.winner.figures is not None
    assert report.overfitting.size == pytest.approx(
        report.test.models["winner"]["error"] - report.winner.figures["dev"]["error"]
    )
    assert report.selection_bootstrap is not None
    assert report.overfitting.foretold == report.selection_bootstrap.size
