"""The opening keeps the winner's figures less each baseline's on the same rows, groups and copies as one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from service.uncertainty.differences import paired_difference
from service.winner.examination.baselines import learners_of
from service.winner.examination.conclusion import train_winner
from service.winner.examination.final_evaluation import paired_figures
from tests.service.iris_study import IrisStudy, new_store, search_iris
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, metrics_of


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    study = search_iris(
        new_store(tmp_path_factory.mktemp("study")),
        no_baselines=False,
        table="breast_cancer",
        metric=Metric.BALANCED_ERROR,
    )
    study.conclude()
    yield study
    study.store.close()


def test_the_report_has_them_by_each_metric_from_the_ledger(study: IrisStudy) -> None:
    report = study.report
    assert report.test is not None
    (look,) = study.looks
    assert look.figures is not None
    assert list(report.test.differences) == ["majority class", "logistic regression", "boosted trees"]
    for name, by_metric in report.test.differences.items():
        assert list(by_metric) == [metric.value for metric in metrics_of(report.task)]
        for metric, found in by_metric.items():
            of_both = [report.test.models[model][metric] for model in ("winner", name)]
            assert found.value == pytest.approx(of_both[0] - of_both[1], abs=1e-12)
            assert (found.interval is None) == (metric == Metric.CALIBRATION_ERROR)


def test_labels_are_those_that_the_models_figures_count_and_units_count_as_one(study: IrisStudy) -> None:
    learners = learners_of(study.stored.task, only_constant=False)[1:2]
    candidate = train_winner(
        study.stored, study.prepared, store=study.store, pool=study.pool, learners=learners
    )
    dev = candidate.known("dev")
    (baseline,) = candidate.baselines
    assert baseline.rule == candidate.rule != MOST_PROBABLE
    in_pairs = dev._replace(units=np.arange(len(dev.y)) // 2)
    by_model = paired_figures(candidate, in_pairs, candidate.predictions("dev"))
    found = by_model["logistic regression"]["balanced_error"]
    expected = paired_difference(
        Metric.BALANCED_ERROR,
        candidate.trained.predict(dev.X),
        baseline.predict(dev.X_of_baselines),
        dev.y,
        units=in_pairs.units,
        rules=(candidate.rule, baseline.rule),
    )
    assert expected.interval is not None
    assert found["value"] == expected.value
    assert found["interval"] == list(expected.interval)
    assert "independent groups or records" in found["method"]


def test_without_baselines_the_constant_one_stands_alone_and_a_retraining_fits_none(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    study.conclude()
    report = study.report
    assert report.winner is not None
    assert report.test is not None
    assert list(report.winner.baselines) == list(report.test.differences) == ["majority class"]
    again = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    assert again.baselines == ()
    study.store.close()
