"""A model is reported by all metrics of its task, in the target's unit.

Each class's recall and precision are scikit-learn's, and those of the figures that a study reports.
"""

from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from service.winner.examination.figures import ByClass, by_class, figures
from tests.service.iris_study import IrisStudy, new_store, search_iris
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, metrics_of
from workers.train_dev_data import Task


def test_classes_are_judged_by_every_metric_of_classes() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    found = figures(probabilities, np.array([0, 1]), task=Task.CLASSIFICATION, rule=MOST_PROBABLE)
    assert (found["error"], found["log_loss"]) == pytest.approx((0.5, 1.5 * np.log(2)))
    assert found.keys() == {metric.value for metric in metrics_of(Task.CLASSIFICATION)}


def test_numbers_are_judged_in_their_own_unit() -> None:
    found = figures(
        np.array([1.0, 2.0, 6.0]), np.array([1.0, 2.0, 3.0]), task=Task.REGRESSION, rule=MOST_PROBABLE
    )
    assert found == pytest.approx({"rmse": sqrt(3), "mae": 1, "r_squared": 1 - 9 / 2})


def test_whole_numbers_are_numbers_where_numbers_are_predicted() -> None:
    found = figures(np.array([1.5, 2.0]), np.array([1, 2]), task=Task.REGRESSION, rule=MOST_PROBABLE)
    assert found["mae"] == 0.25


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    store = new_store(tmp_path_factory.mktemp("by_class"))
    study = search_iris(store, table="breast_cancer", metric=Metric.BALANCED_ERROR)
    study.conclude()
    yield study
    store.close()


def drawn(n_classes: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(0, n_classes, 200), rng.integers(0, n_classes, 200)


def counted(y: list[int], named: list[int], *, n_classes: int, train_counts: tuple[int, ...]) -> ByClass:
    names = [f"c{index}" for index in range(n_classes)]
    return by_class(np.array(named), np.array(y), class_names=names, train_counts=train_counts)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_they_are_scikit_learns(n_classes: int) -> None:
    labels, y = drawn(n_classes, seed=n_classes)
    names = [f"c{index}" for index in range(n_classes)]
    found = by_class(labels, y, class_names=names, train_counts=[1] * n_classes)

    precision, recall, _, n = precision_recall_fscore_support(y, labels)
    assert [each.n_examples for each in found.classes] == n.tolist()
    assert [each.recall for each in found.classes] == pytest.approx(recall.tolist())
    assert [each.precision for each in found.classes] == pytest.approx(precision.tolist())
    assert found.error == pytest.approx(np.mean(labels != y))


def test_a_studys_classes_make_up_its_figures(study: IrisStudy) -> None:
    """Whatever decides a row's class: recalls, precisions and figures speak of the same predictions."""
    report = study.report
    assert report.winner is not None
    assert report.winner.figures is not None
    assert report.test is not None
    for found, by_metric in (
        (report.test.by_class, report.test.models["winner"]),
        (report.winner.dev_by_class, report.winner.figures["dev"]),
    ):
        assert found is not None
        recalls = [each.recall for each in found.classes if each.recall is not None]
        assert 1 - np.mean(recalls) == pytest.approx(by_metric["balanced_error"])
        assert found.error == pytest.approx(by_metric["error"])
    constant = report.test.models["majority class"]["error"]
    assert report.test.by_class is not None
    assert report.test.by_class.error_of_commonest == pytest.approx(constant)
    assert report.winner.dev_by_class is not None
    assert report.winner.dev_by_class.n_examples == report.n_examples["dev"]


def test_of_two_classes_the_rarer_one_in_the_train_set_is_pointed_out() -> None:
    found = counted([0, 0, 0, 1], [0, 0, 1, 0], n_classes=2, train_counts=(3, 9))
    assert found.commonest == "c1"
    assert found.pointed_out.name == "c0"
    assert found.error_of_commonest == 0.75
    alone = counted([1, 1], [1, 0], n_classes=2, train_counts=(3, 9))
    assert alone.pointed_out.name == "c1"  # the set has no row of the other


def test_of_several_classes_the_one_with_the_lowest_recall_is_pointed_out() -> None:
    found = counted([0, 0, 0, 1, 1, 2], [0, 0, 0, 1, 0, 2], n_classes=4, train_counts=(4, 4, 1, 1))
    assert found.pointed_out.name == "c1"
    assert [each.recall for each in found.classes] == [1.0, 0.5, 1.0, None]
    assert [each.precision for each in found.classes] == [0.75, 1.0, 1.0, None]


def test_numbers_and_folds_have_no_classes_on_the_dev_set(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    numbers = search_iris(store, table="diabetes", name="numbers", trials=2)
    folds = search_iris(store, name="folds", trials=2, split={"folds": 2})
    for each in (numbers, folds):
        each.conclude()
    assert numbers.report.winner is not None
    assert folds.report.winner is not None
    assert numbers.report.test is not None
    assert folds.report.test is not None
    assert numbers.report.winner.dev_by_class is folds.report.winner.dev_by_class is None
    assert numbers.report.test.by_class is None
    assert folds.report.test.by_class is not None
    store.close()
