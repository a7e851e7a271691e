"""Baselines get what the network gets, and are what their names say."""

from collections import Counter
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, f1_score, log_loss
from sklearn.preprocessing import StandardScaler

from service.configuration.study_file import study_from_flags
from service.data.preparation.prepared_data import LabelledInputs, PreparedData, prepare_data
from service.tables.table import load_table
from service.winner.examination.baselines import (
    LOGISTIC_STRENGTHS,
    RIDGE_STRENGTHS,
    Baseline,
    Learner,
    fit_baselines,
    learners_of,
)
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, decision_rule
from workers.train_dev_data import Task, TrainDevData

CONSTANT, LINEAR, TREES = range(3)


def prepared(name: str, **flags: object) -> PreparedData:
    return prepare_data(study_from_flags({"data.table": name, **flags})[0])


def fitted(
    data: PreparedData,
    metric: Metric,
    *places: int,
    folds: tuple[TrainDevData, ...] | None = None,
    together: TrainDevData | None = None,
) -> tuple[Baseline, ...]:
    """Fit some of the baselines, on the study's train set or on others."""
    learners = learners_of(data.split.task, only_constant=False)
    return fit_baselines(
        [learners[place] for place in places],
        folds or data.trial_data.first_folds,
        together=together,
        preparation=data.preparations[data.first_choices],
        metric=metric,
    )


def sets_of(data: PreparedData) -> tuple[LabelledInputs, LabelledInputs]:
    sets = data.known_sets[data.first_choices]
    return sets["train"], sets["dev"]


def cells(data: PreparedData, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the features of train and dev set as they stand in the table."""
    table = load_table(name)
    X = table.frame.select(table.feature_names).to_numpy()[data.split.known.rows]
    (fold,) = data.split.folds
    return X[fold.train], X[fold.dev]


def rare(data: PreparedData) -> TrainDevData:
    """Return the train and dev set with a tenth of the first class alone."""
    (whole,) = data.trial_data.first_folds
    keep = np.flatnonzero((whole.y_train != 0) | (np.arange(len(whole.y_train)) % 10 == 0))
    return replace(whole, X_train=whole.X_train[keep], y_train=whole.y_train[keep])


def test_the_majority_class_errs_on_all_others() -> None:
    data = prepared("breast_cancer")
    train, dev = sets_of(data)
    for metric in (Metric.ERROR, Metric.BALANCED_ERROR):  # also where other labels are decided by weights
        (majority,) = fitted(data, metric, CONSTANT)
        class_of_most, _ = Counter(train.y.tolist()).most_common(1)[0]
        found = majority.figures(dev)
        assert (majority.name, found["error"]) == ("majority class", np.mean(dev.y != class_of_most))


def test_the_majority_class_gives_each_class_its_share_with_one_example_added() -> None:
    data = prepared("iris")
    (whole,) = data.trial_data.first_folds
    ones = np.flatnonzero(whole.y_train == 1)
    chosen = np.concatenate([np.flatnonzero(whole.y_train == 0)[:5], ones])
    few = replace(whole, X_train=whole.X_train[chosen], y_train=whole.y_train[chosen])
    (constant,) = fitted(data, Metric.ERROR, CONSTANT, folds=(few,))
    n = 5 + len(ones) + 3
    np.testing.assert_allclose(constant.predict(whole.X_dev[:2]), 2 * [[6 / n, (len(ones) + 1) / n, 1 / n]])


def test_the_mean_explains_nothing_on_its_own_set() -> None:
    data = prepared("diabetes")
    train, _ = sets_of(data)
    (mean,) = fitted(data, Metric.RMSE, CONSTANT)
    found = mean.figures(train)
    assert mean.name == "mean"
    assert (found["rmse"], found["r_squared"]) == pytest.approx((np.std(train.y), 0), abs=1e-6)


def test_logistic_regression_agrees_with_scikit_learn_at_the_strength_that_was_chosen() -> None:
    data = prepared("wine")
    (train, dev), (X_train, X_dev) = sets_of(data), cells(data, "wine")
    (linear,) = fitted(data, Metric.LOG_LOSS, LINEAR)
    scaler = StandardScaler().fit(X_train)
    oracle = LogisticRegression(C=linear.strength, max_iter=5000, tol=1e-8)
    oracle.fit(scaler.transform(X_train), train.y)
    expected = oracle.predict_proba(scaler.transform(X_dev))
    np.testing.assert_allclose(linear.predict(dev.X), expected, atol=1e-2)


def test_ridge_regression_agrees_with_scikit_learn_at_the_strength_that_was_chosen() -> None:
    data = prepared("diabetes")
    (train, dev), (X_train, X_dev) = sets_of(data), cells(data, "diabetes")
    (linear,) = fitted(data, Metric.RMSE, LINEAR)
    scaler = StandardScaler().fit(X_train)
    deviation = train.y.std()
    oracle = Ridge(alpha=linear.strength).fit(scaler.transform(X_train), train.y / deviation)
    expected = deviation * oracle.predict(scaler.transform(X_dev))
    np.testing.assert_allclose(linear.predict(dev.X), expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("table", "metric", "strengths"),
    [("wine", Metric.LOG_LOSS, LOGISTIC_STRENGTHS), ("diabetes", Metric.RMSE, RIDGE_STRENGTHS)],
)
def test_the_strength_is_the_one_that_is_best_on_the_dev_set(
    table: str, metric: Metric, strengths: tuple[float, ...]
) -> None:
    data = prepared(table)
    (best,) = fitted(data, metric, LINEAR)
    learner = learners_of(data.split.task, only_constant=False)[LINEAR]

    def at(strength: float) -> Baseline:
        one = Learner(learner.name, (strength,), learner.fit)
        (made,) = fit_baselines(
            [one],
            data.trial_data.first_folds,
            together=None,
            preparation=best.preparation,
            metric=metric,
        )
        return made

    by_strength = {strength: at(strength).dev_figures[metric] for strength in strengths}
    assert best.strength in strengths
    assert by_strength[best.strength] == min(by_strength.values())
    assert max(by_strength.values()) > 1.02 * min(by_strength.values())
    assert best.dev_figures == pytest.approx(best.figures(sets_of(data)[1]), rel=1e-4, abs=1e-6)


def test_over_folds_the_strength_is_the_best_in_the_mean_and_all_that_is_known_is_fitted_with_it() -> None:
    data = prepared("wine", **{"split.folds": 3})
    folds = data.trial_data.first_folds
    assert data.refit_data is not None
    (together,) = data.refit_data.first_folds
    (linear,) = fitted(data, Metric.LOG_LOSS, LINEAR, together=together)
    means = {}
    for strength in LOGISTIC_STRENGTHS:
        losses = [
            log_loss(
                fold.y_dev,
                LogisticRegression(C=strength, max_iter=5000)
                .fit(fold.X_train, fold.y_train)
                .predict_proba(fold.X_dev),
            )
            for fold in folds
        ]
        means[strength] = fmean(losses)
    assert linear.strength == min(means, key=lambda strength: means[strength])
    assert linear.dev_figures["log_loss"] == pytest.approx(means[linear.strength], rel=0.02)
    oracle = LogisticRegression(C=linear.strength, max_iter=5000).fit(together.X_train, together.y_train)
    np.testing.assert_allclose(
        linear.predict(together.X_train), oracle.predict_proba(together.X_train), atol=1e-2
    )


@pytest.mark.parametrize("place", [LINEAR, TREES])
def test_a_balanced_metric_balances_the_classes_and_the_probabilities_stay_true(place: int) -> None:
    data = prepared("breast_cancer")
    whole = rare(data)
    few = replace(whole, X_train=whole.X_train[:, 9:10], X_dev=whole.X_dev[:, 9:10])  # says next to nothing
    plain, balanced = (
        fitted(data, metric, place, folds=(few,))[0] for metric in (Metric.ERROR, Metric.BALANCED_ERROR)
    )
    share = float(np.mean(few.y_train == 0))
    assert share < 0.1
    assert plain.rule == MOST_PROBABLE
    assert balanced.rule == decision_rule(Metric.BALANCED_ERROR, few.class_counts)
    probabilities = balanced.predict(few.X_train)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities[:, 0].mean() == pytest.approx(share, abs=0.03)  # 0.5 with the weights left in


def test_balanced_probabilities_are_scikit_learns_with_its_weights_divided_out() -> None:
    data = prepared("breast_cancer")
    few = rare(data)
    oracle = HistGradientBoostingClassifier(class_weight="balanced", early_stopping=False)
    weighted = oracle.fit(few.X_train, few.y_train).predict_proba(few.X_dev)
    odds = weighted * np.bincount(few.y_train)  # its weights are 1 over that, to a factor
    (trees,) = fitted(data, Metric.BALANCED_ERROR, TREES, folds=(few,))
    np.testing.assert_allclose(
        trees.predict(few.X_dev), odds / odds.sum(axis=1, keepdims=True), rtol=1e-6, atol=1e-12
    )


@pytest.mark.parametrize("metric", [Metric.BALANCED_ERROR, Metric.MACRO_F1])
def test_labels_are_decided_by_the_share_and_all_other_figures_see_the_probabilities(metric: Metric) -> None:
    data = prepared("breast_cancer")
    few = rare(data)
    (linear,) = fitted(data, metric, LINEAR, folds=(few,))
    dev = sets_of(data)[1]
    probabilities = linear.predict(dev.X)
    exponent = 1 if metric is Metric.BALANCED_ERROR else 0.5
    named = (probabilities / np.bincount(few.y_train) ** exponent).argmax(axis=1)
    found = linear.figures(dev)
    assert found["error"] == np.mean(named != dev.y)
    assert found["balanced_error"] == pytest.approx(1 - balanced_accuracy_score(dev.y, named))
    assert found["macro_f1"] == pytest.approx(f1_score(dev.y, named, average="macro"))
    assert found["log_loss"] == pytest.approx(log_loss(dev.y, probabilities), rel=1e-6)
    assert np.any(named != probabilities.argmax(axis=1))


def test_boosted_trees_explain_what_a_line_cannot() -> None:
    data = prepared("diabetes")
    (whole,) = data.trial_data.first_folds
    product = (whole.X_train[:, 0] * whole.X_train[:, 2])[:, np.newaxis]
    of_dev = (whole.X_dev[:, 0] * whole.X_dev[:, 2])[:, np.newaxis]
    crossed = replace(whole, y_train=product, y_dev=of_dev)
    linear, trees = fitted(data, Metric.R_SQUARED, LINEAR, TREES, folds=(crossed,))
    assert linear.dev_figures["r_squared"] < 0.2
    assert trees.dev_figures["r_squared"] > 0.4


def test_boosted_trees_are_the_same_again() -> None:
    data = prepared("iris")
    one, other = (fitted(data, Metric.ERROR, TREES)[0].predict(sets_of(data)[1].X) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_alone_the_constant_is_fitted() -> None:
    for task, name in ((Task.CLASSIFICATION, "majority class"), (Task.REGRESSION, "mean")):
        assert [learner.name for learner in learners_of(task, only_constant=True)] == [name]


def test_a_class_that_the_train_set_lacks_keeps_its_place_and_a_finite_log_loss() -> None:
    data = prepared("iris")
    (whole,) = data.trial_data.first_folds
    present = whole.y_train != 1
    less = replace(whole, X_train=whole.X_train[present], y_train=whole.y_train[present])
    for metric in (Metric.ERROR, Metric.BALANCED_ERROR):
        baselines = fitted(data, metric, CONSTANT, LINEAR, TREES, folds=(less,))
        for baseline in baselines:
            assert np.isfinite(baseline.figures(sets_of(data)[1])["log_loss"])
        for baseline in baselines[1:]:
            assert not baseline.predict(whole.X_dev)[:, 1].any()


def test_of_one_class_alone_there_is_nothing_to_tell_apart() -> None:
    data = prepared("iris")
    (whole,) = data.trial_data.first_folds
    ones = whole.y_train == 1
    alone = replace(whole, X_train=whole.X_train[ones], y_train=whole.y_train[ones])
    for baseline in fitted(data, Metric.ERROR, LINEAR, TREES, folds=(alone,)):
        assert (baseline.predict(whole.X_dev).argmax(axis=1) == 1).all()
