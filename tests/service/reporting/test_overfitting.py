"""What the opening shows of overfitting to dev, beside what was foretold."""

from pathlib import Path

import pytest

from service.reporting.overfitting import overfitting_of
from tests.service.iris_study import new_store, search_iris
from workers.metrics import Metric


def test_the_gap_is_above_0_where_test_is_worse_whatever_the_metrics_sense() -> None:
    given = {"dev_standard_error": 0.01, "foretold": 0.02}
    error = overfitting_of(
        Metric.ERROR, dev_figure=0.10, test_figure=0.15, test_interval=(0.13, 0.17), **given
    )
    assert error.size == pytest.approx(0.05)
    assert error.standard_error == pytest.approx((0.01**2 + (0.02 / 1.95996) ** 2) ** 0.5, rel=1e-4)
    assert error.is_clear
    area = overfitting_of(
        Metric.ROC_AUC, dev_figure=0.90, test_figure=0.91, test_interval=(0.85, 0.95), **given
    )
    assert area.size == pytest.approx(-0.01)
    assert not area.is_clear


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
