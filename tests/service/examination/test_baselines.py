"""The baselines are fitted on the train set alone, and are what their names say."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from service.examination.baselines import fit_baselines
from service.preparation.normalization import fit_normalization, train_dev_data
from service.seal.sealed_test_set import SealedTestSet
from service.seal.splits import Split, split
from service.tables.examples import Examples
from service.tables.table import load_table
from tests.tripwire import tripwired_examples


def parts_of(name: str) -> Split:
    """Split a built-in table; nobody may read its test set, nor its dev set."""
    parts = split(load_table(name), seed=0)
    return replace(parts, test=SealedTestSet(tripwired_examples(9, 9), fingerprint=parts.test.fingerprint))


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_they_are_fitted_without_reading_dev_or_test_set(name: str) -> None:
    parts = parts_of(name)
    normalization = fit_normalization(parts.train, task=parts.task)
    fit_baselines(replace(parts, dev=tripwired_examples(9, 9)), normalization)


def test_the_majority_class_errs_on_all_others() -> None:
    parts = parts_of("breast_cancer")
    majority, _ = fit_baselines(parts, train_dev_data(parts)[1])
    found = majority.figures(parts.dev)
    class_of_most, _ = Counter(parts.train.y.tolist()).most_common(1)[0]
    assert (majority.name, found["error"]) == ("majority class", np.mean(parts.dev.y != class_of_most))


def test_the_majority_class_gives_each_class_its_share_with_one_example_added() -> None:
    parts = parts_of("iris")  # 30 examples of each class
    few = np.flatnonzero(parts.train.y == 0)[:5]
    chosen = np.concatenate([few, np.flatnonzero(parts.train.y == 1)])
    train = Examples(parts.train.X[chosen], parts.train.y[chosen], parts.train.rows[chosen])
    constant, _ = fit_baselines(replace(parts, train=train), fit_normalization(train, task=parts.task))
    np.testing.assert_allclose(constant.predict(parts.dev.X[:2]), 2 * [[6 / 38, 31 / 38, 1 / 38]])


def test_the_mean_explains_nothing_on_its_own_set() -> None:
    parts = parts_of("diabetes")
    mean, _ = fit_baselines(parts, train_dev_data(parts)[1])
    found = mean.figures(parts.train)
    assert mean.name == "mean"
    assert (found["rmse"], found["r_squared"]) == pytest.approx((np.std(parts.train.y), 0), abs=1e-9)


def test_logistic_regression_agrees_with_scikit_learn_on_scaled_features() -> None:
    parts = parts_of("wine")
    _, linear = fit_baselines(parts, train_dev_data(parts)[1])
    scaler = StandardScaler().fit(parts.train.X)
    oracle = LogisticRegression(C=1.0, max_iter=5000, tol=1e-8).fit(
        scaler.transform(parts.train.X), parts.train.y
    )
    expected = oracle.predict_proba(scaler.transform(parts.dev.X))
    np.testing.assert_allclose(linear.predict(parts.dev.X), expected, atol=1e-3)


def test_ridge_regression_agrees_with_scikit_learn_on_scaled_features() -> None:
    parts = parts_of("diabetes")
    _, linear = fit_baselines(parts, train_dev_data(parts)[1])
    scaler = StandardScaler().fit(parts.train.X)
    oracle = Ridge(alpha=1.0).fit(scaler.transform(parts.train.X), parts.train.y)
    np.testing.assert_allclose(
        linear.predict(parts.dev.X), oracle.predict(scaler.transform(parts.dev.X)), rtol=1e-4
    )


def test_a_class_that_the_train_set_lacks_keeps_its_place_and_a_finite_log_loss() -> None:
    parts = parts_of("iris")
    present = parts.train.y != 1
    train = Examples(parts.train.X[present], parts.train.y[present], parts.train.rows[present])
    lacking = replace(parts, train=train)
    baselines = fit_baselines(lacking, fit_normalization(train, task=parts.task))
    assert not baselines[1].predict(parts.dev.X)[:, 1].any()
    for baseline in baselines:
        found = baseline.figures(parts.dev)
        assert np.isfinite(found["log_loss"])
