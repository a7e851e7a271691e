"""Linear models: the minimum of what they say they minimize, and predictions as scikit-learn's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from search_spaces.linear.point import LinearPoint
from tests.workers.kind_cases import OUTPUTS, data_of
from tests.workers.train_dev_sets import diabetes, digits, rules
from workers.denormals import IS_KNOWN_HOW
from workers.failures import TrainingFailedError
from workers.linear.learner import LinearLearner
from workers.linear.prediction import predict, raw_scores
from workers.messages import State
from workers.metrics.class_weights import class_weights
from workers.train_dev_data import Task, TrainDevData


def fitted(data: TrainDevData, point: LinearPoint) -> LinearLearner:
    model = LinearLearner(data, point, seed=0, rules=rules(data.task, max_epochs=1))
    model.advance()
    return model


def objective(state: State, data: TrainDevData, point: LinearPoint) -> float:
    """Return what is minimized, from the state alone, by its definition."""
    coefficients, intercepts = state["coefficients"], state["intercepts"]
    scores = data.X_train.astype(np.float64) @ coefficients.T + intercepts
    penalty = point.strength * (
        point.l1_ratio * np.abs(coefficients).sum() + (1 - point.l1_ratio) / 2 * np.square(coefficients).sum()
    )
    if data.task is Task.REGRESSION:
        return float(np.mean((scores - data.y_train) ** 2) / 2 + penalty / len(scores))
    y, counts = data.y_train.astype(np.int64), np.bincount(data.y_train.astype(np.int64))
    weights = class_weights(counts, point.class_balance)
    if scores.shape[1] == 1:
        scores = np.hstack([np.zeros_like(scores), scores])
    scores = scores + np.log(weights)  # the state is of the classes' own probabilities
    log_odds = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    own = log_odds[np.arange(len(y)), y]
    return float(np.mean(weights[y] * -own) + penalty / len(y))


@pytest.mark.parametrize("n_outputs", OUTPUTS)
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_nothing_near_it_is_better_by_what_it_minimizes(
    n_outputs: int, l1_ratio: float, balance: float
) -> None:
    data, point = data_of("linear", n_outputs), LinearPoint(strength=5.0, l1_ratio=l1_ratio)
    point = point.model_copy(update={"class_balance": balance if n_outputs > 1 else 0.0})
    state = dict(fitted(data, point).kept_state)
    least = objective(state, data, point)
    rng = np.random.default_rng(0)

    for name in ("coefficients", "intercepts"):
        for size in (0.3, 0.03):
            step = size * rng.standard_normal(state[name].shape)
            if len(step) > 1:  # the same for all classes would change no probability
                step -= step.mean(axis=0)
            for moved in (state[name] + step, state[name] - step):
                assert objective({**state, name: moved}, data, point) > least


@pytest.mark.parametrize("n_outputs", OUTPUTS)
def test_the_train_cost_is_what_was_minimized(n_outputs: int) -> None:
    data, point = data_of("linear", n_outputs), LinearPoint(strength=5.0, l1_ratio=0.3)
    model = LinearLearner(data, point, seed=0, rules=rules(data.task, max_epochs=1))
    shown = model.advance()
    factor = 2 if n_outputs == 1 else 1  # squared errors are reported whole
    least = factor * objective(model.kept_state, data, point)
    assert shown.train_cost == pytest.approx(least, rel=1e-5)
    assert shown.train_loss < shown.train_cost


def test_it_predicts_as_scikit_learn() -> None:
    data = diabetes()
    kept = fitted(data, LinearPoint(strength=7.0)).kept_state
    ridge = Ridge(alpha=7.0).fit(data.X_train.astype(np.float64), data.y_train)
    expected = ridge.predict(data.X_dev.astype(np.float64)).reshape(-1, 1)
    np.testing.assert_allclose(predict(kept, data.X_dev, n_outputs=1), expected, rtol=1e-5, atol=1e-6)

    data = digits()
    kept = fitted(data, LinearPoint(strength=10.0)).kept_state
    logistic = LogisticRegression(C=0.1, max_iter=500).fit(data.X_train.astype(np.float64), data.y_train)
    expected = logistic.predict_proba(data.X_dev.astype(np.float64))
    np.testing.assert_allclose(predict(kept, data.X_dev, n_outputs=10), expected, rtol=1e-4, atol=1e-6)


def test_scores_are_intercepts_and_products() -> None:
    rng = np.random.default_rng(0)
    coefficients, intercepts = rng.standard_normal((3, 7)), rng.standard_normal(3)
    X = rng.standard_normal((11, 7)).astype(np.float32)
    expected = intercepts[:, np.newaxis] + coefficients @ X.T.astype(np.float64)
    np.testing.assert_allclose(raw_scores(coefficients, intercepts, X), expected, rtol=1e-12)


@pytest.mark.parametrize("n_raw", [1, 3])
def test_a_row_of_many_features_has_the_same_scores_in_any_company(n_raw: int) -> None:
    """Those of a matrix product would depend on how many rows there are."""
    rng = np.random.default_rng(0)
    coefficients, intercepts = rng.standard_normal((n_raw, 301)), rng.standard_normal(n_raw)
    X = rng.standard_normal((500, 301)).astype(np.float32)
    together = raw_scores(coefficients, intercepts, X)
    for size in (1, 2, 7, 64):
        parts = [raw_scores(coefficients, intercepts, X[i : i + size]) for i in range(0, 500, size)]
        np.testing.assert_array_equal(np.hstack(parts), together)


@pytest.mark.skipif(not IS_KNOWN_HOW, reason="this machine cannot be told to take denormal numbers for 0")
def test_a_probability_that_is_denormal_is_0_as_in_training() -> None:
    state = {
        "coefficients": np.zeros((3, 1)),
        "intercepts": np.array([0.0, 0.0, -92.0]),
        "classes": np.arange(3),
    }
    assert predict(state, np.zeros((1, 1), np.float32), n_outputs=3).tolist() == [[0.5, 0.5, 0]]


@pytest.mark.parametrize(("ratio", "figures"), [(0.0, set()), (1.0, {"zero_share"})])
def test_l1_makes_coefficients_exactly_0(ratio: float, figures: set[str]) -> None:
    model = fitted(data_of("linear", 4), LinearPoint(strength=30.0, l1_ratio=ratio))
    assert set(model.kept_figures) == figures
    if figures:
        share = float(np.mean(model.kept_state["coefficients"] == 0))
        assert model.kept_figures["zero_share"] == share > 0


def test_several_targets_are_fitted_each_by_itself() -> None:
    data = data_of("linear", 1)
    factors = np.array([1, -2], np.float32)
    y_train, y_dev = ((y * factors).astype(np.float32) for y in (data.y_train, data.y_dev))
    two = replace(data, y_train=y_train, y_dev=y_dev, n_outputs=2)
    for point in (LinearPoint(), LinearPoint(l1_ratio=0.5, strength=0.1)):
        out = predict(fitted(two, point).kept_state, data.X_dev, n_outputs=2)
        np.testing.assert_allclose(out[:, 1], -2 * out[:, 0], atol=2e-3)


@pytest.mark.parametrize(
    "spoiled",
    [
        {"X_train": np.full_like(data_of("linear", 2).X_train, np.inf)},
        {"X_train": np.full_like(data_of("linear", 2).X_train, np.nan)},
    ],
)
def test_features_that_are_not_finite_fail_as_training_does(spoiled: Mapping[str, Any]) -> None:
    with pytest.raises(TrainingFailedError, match="features or targets that are not finite"):
        fitted(replace(data_of("linear", 2), **spoiled), LinearPoint())


@pytest.mark.parametrize("ratio", [0.0, 1.0])
@pytest.mark.parametrize("n_outputs", OUTPUTS)
def test_features_of_absurd_size_warn_nobody(n_outputs: int, ratio: float) -> None:
    """Whether such a fit succeeds is its own affair."""
    data = data_of("linear", n_outputs)
    huge = replace(data, X_train=data.X_train * np.float32(1e30))
    with np.errstate(all="ignore"):  # as in a training
        try:
            model = fitted(huge, LinearPoint(strength=1e-6, l1_ratio=ratio))
        except TrainingFailedError:
            return
    assert all(np.isfinite(model.kept_state[name]).all() for name in ("coefficients", "intercepts"))


def test_one_that_has_not_converged_warns_nobody() -> None:
    model = fitted(data_of("linear", 4), LinearPoint(strength=1e-6, l1_ratio=1.0))
    assert np.isfinite(model.kept_state["coefficients"]).all()


def test_further_epochs_change_nothing() -> None:
    data = data_of("linear", 2)
    model = fitted(data, LinearPoint())
    before = model.kept_state
    shown = [model.advance() for _ in range(2)]
    assert shown[0] == shown[1]
    for name, array in model.kept_state.items():
        np.testing.assert_array_equal(array, before[name])
