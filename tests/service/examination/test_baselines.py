"""The baselines are fitted on the train set alone, and are what their names say."""

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from service.configuration.study_file import study_from_flags
from service.examination.baselines import Baseline, fit_baselines
from service.preparation.prepared_data import LabelledInputs, PreparedData, prepare_data
from service.tables.table import load_table
from workers.decision_rule import MOST_PROBABLE
from workers.train_dev_data import Task


def prepared(name: str) -> PreparedData:
    return prepare_data(study_from_flags({"data.table": name})[0])


def fitted(data: PreparedData, train: LabelledInputs | None = None) -> tuple[Baseline, Baseline]:
    """Fit on the train set, or on another."""
    choices = data.first_choices
    return fit_baselines(
        train or data.known_sets[choices]["train"],
        data.preparations[choices],
        task=data.split.task,
        n_classes=len(data.split.class_names),
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


def test_the_majority_class_errs_on_all_others() -> None:
    data = prepared("breast_cancer")
    train, dev = sets_of(data)
    majority, _ = fitted(data)
    class_of_most, _ = Counter(train.y.tolist()).most_common(1)[0]
    found = majority.figures(dev, MOST_PROBABLE)
    assert (majority.name, found["error"]) == ("majority class", np.mean(dev.y != class_of_most))


def test_the_majority_class_gives_each_class_its_share_with_one_example_added() -> None:
    data = prepared("iris")
    train, dev = sets_of(data)
    ones = np.flatnonzero(train.y == 1)
    chosen = np.concatenate([np.flatnonzero(train.y == 0)[:5], ones])
    constant, _ = fitted(data, LabelledInputs(train.X[chosen], train.y[chosen]))
    n = 5 + len(ones) + 3
    np.testing.assert_allclose(constant.predict(dev.X[:2]), 2 * [[6 / n, (len(ones) + 1) / n, 1 / n]])


def test_the_mean_explains_nothing_on_its_own_set() -> None:
    data = prepared("diabetes")
    train, _ = sets_of(data)
    mean, _ = fitted(data)
    found = mean.figures(train, MOST_PROBABLE)
    assert mean.name == "mean"
    assert (found["rmse"], found["r_squared"]) == pytest.approx((np.std(train.y), 0), abs=1e-9)


def test_logistic_regression_agrees_with_scikit_learn_on_scaled_features() -> None:
    data = prepared("wine")
    (train, dev), (X_train, X_dev) = sets_of(data), cells(data, "wine")
    _, linear = fitted(data)
    scaler = StandardScaler().fit(X_train)
    oracle = LogisticRegression(C=1.0, max_iter=5000, tol=1e-8).fit(scaler.transform(X_train), train.y)
    expected = oracle.predict_proba(scaler.transform(X_dev))
    np.testing.assert_allclose(linear.predict(dev.X), expected, atol=5e-3)


def test_ridge_regression_agrees_with_scikit_learn_on_scaled_features() -> None:
    data = prepared("diabetes")
    (train, dev), (X_train, X_dev) = sets_of(data), cells(data, "diabetes")
    _, linear = fitted(data)
    scaler = StandardScaler().fit(X_train)
    oracle = Ridge(alpha=1.0).fit(scaler.transform(X_train), train.y)
    np.testing.assert_allclose(linear.predict(dev.X), oracle.predict(scaler.transform(X_dev)), rtol=1e-4)


def test_a_class_that_the_train_set_lacks_keeps_its_place_and_a_finite_log_loss() -> None:
    data = prepared("iris")
    train, dev = sets_of(data)
    present = train.y != 1
    baselines = fitted(data, LabelledInputs(train.X[present], train.y[present]))
    assert data.split.task is Task.CLASSIFICATION
    assert not baselines[1].predict(dev.X)[:, 1].any()
    for baseline in baselines:
        assert np.isfinite(baseline.figures(dev, MOST_PROBABLE)["log_loss"])
