"""Boosted trees: as scikit-learn grows and evaluates them, and near what is known of made worlds."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from tests.workers.kind_cases import OUTPUTS, data_of
from workers.boosting.boosting_kind import BOOSTING
from workers.boosting.growth import FIRST_BLOCK
from workers.boosting.learner import BoostingLearner
from workers.boosting.prediction import predict
from workers.denormals import IS_KNOWN_HOW
from workers.failures import DeadError
from workers.messages import TrainingRules
from workers.metrics.classification_metrics import log_loss
from workers.metrics.metric import Metric
from workers.seen_classes import predictions_of
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

EVERYTHING = BoostingPoint(
    learning_rate=0.2,
    max_leaf_nodes=12,
    max_depth=5,
    min_samples_leaf=3,
    l2_regularization=0.5,
    max_features=0.6,
    max_bins=40,
)
N_ITERATIONS = 60
"""In several blocks."""


def rules(data: TrainDevData, *, epochs: int = N_ITERATIONS, patience: int = 1000) -> TrainingRules:
    metric = Metric.RMSE if data.task is Task.REGRESSION else Metric.ERROR
    return TrainingRules(epochs, patience, metric, metric)


def learner(data: TrainDevData, point: BoostingPoint, *, epochs: int = N_ITERATIONS) -> BoostingLearner:
    return BoostingLearner(data, point, seed=3, rules=rules(data, epochs=epochs))


def dev_predictions(model: BoostingLearner, data: TrainDevData) -> NDArray[np.float32]:
    out = np.empty((len(data.X_dev), data.n_outputs), np.float32)
    model.predict_dev(out)
    return out


def trained(data: TrainDevData, point: BoostingPoint, *, epochs: int, patience: int = 10) -> Training:
    training = Training(data, point, seed=3, rules=rules(data, epochs=epochs, patience=patience))
    while not training.should_stop:
        training.run_epoch()
    return training


def scikit_learns(data: TrainDevData, point: BoostingPoint, **settings: Any) -> Any:  # noqa: ANN401
    """Return the same model, fitted at once."""
    is_class = data.task is Task.CLASSIFICATION
    estimator = HistGradientBoostingClassifier if is_class else HistGradientBoostingRegressor
    chosen = point.model_dump(exclude={"loss", "class_balance", "target_scale"}, mode="json") | settings
    model = estimator(
        max_iter=N_ITERATIONS,
        early_stopping=False,
        categorical_features=np.asarray(data.n_categories) > 0 if data.n_categories else None,
        random_state=int(np.random.SeedSequence(3).generate_state(1)[0]),
        **chosen,
    )
    with threadpool_limits(1):
        return model.fit(data.X_train, data.y_train.ravel())


def assert_it_predicts_as_scikit_learn(data: TrainDevData, point: BoostingPoint, **settings: Any) -> None:  # noqa: ANN401
    reference = scikit_learns(data, point, **settings)
    model = learner(data, point)
    staged = (
        reference.staged_predict(data.X_dev)
        if data.task is Task.REGRESSION
        else reference.staged_predict_proba(data.X_dev)
    )
    for expected in staged:
        model.advance()
        predictions = dev_predictions(model, data)
        if data.task is Task.REGRESSION:
            np.testing.assert_array_equal(predictions[:, 0], expected.astype(np.float32))
        else:
            np.testing.assert_allclose(predictions, expected, rtol=1e-5, atol=1e-7)
    model.keep()
    kept = predict(model.kept_state, data.X_dev, n_outputs=data.n_outputs)
    np.testing.assert_array_equal(kept, predictions)


@pytest.mark.parametrize("n_outputs", OUTPUTS)
@pytest.mark.parametrize("point", [BoostingPoint(), EVERYTHING])
def test_each_iteration_predicts_as_scikit_learns_own(n_outputs: int, point: BoostingPoint) -> None:
    """Through numbers and categories, where cells are missing, and codes that the train set does not have."""
    data = data_of("boosting", n_outputs)
    X_train, X_dev = data.X_train.copy(), data.X_dev.copy()
    X_train[np.isin(X_train[:, 3], [2, 9]), 3] = 4
    X_dev[::7, 3] = 12  # the code of what was never seen
    assert np.isin(X_dev[:, 3], [2, 9]).any()
    assert_it_predicts_as_scikit_learn(replace(data, X_train=X_train, X_dev=X_dev), point)


def test_the_absolute_error_is_minimized_as_scikit_learn_does() -> None:
    data = data_of("boosting", 1)
    point = EVERYTHING.model_copy(update={"loss": BoostingLoss.ABSOLUTE_ERROR})
    assert_it_predicts_as_scikit_learn(data, point, loss="absolute_error")


@pytest.mark.parametrize("n_outputs", OUTPUTS)
def test_the_train_loss_is_that_of_the_predictions_for_the_train_set(n_outputs: int) -> None:
    data = data_of("boosting", n_outputs)
    on_train = replace(data, X_dev=data.X_train, y_dev=data.y_train)
    model = learner(on_train, EVERYTHING)
    for _ in range(FIRST_BLOCK + 3):
        train_loss = model.advance().train_loss
        predictions = dev_predictions(model, on_train)
        expected = (
            float(np.mean((predictions - data.y_train) ** 2))
            if n_outputs == 1
            else log_loss(predictions, data.y_train.astype(np.int64))
        )
        assert train_loss == pytest.approx(expected, rel=1e-5)


def test_of_the_absolute_error_the_train_loss_is_the_mean() -> None:
    data = data_of("boosting", 1)
    on_train = replace(data, X_dev=data.X_train, y_dev=data.y_train)
    model = learner(on_train, BoostingPoint(loss=BoostingLoss.ABSOLUTE_ERROR))
    train_loss = model.advance().train_loss
    assert train_loss == pytest.approx(
        float(np.mean(np.abs(dev_predictions(model, on_train) - data.y_train)))
    )


def test_the_train_set_is_prepared_anew_for_few_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else 500 iterations would be 500 fits, each through all earlier trees."""
    data, grown = data_of("boosting", 1), []
    fit = HistGradientBoostingRegressor.fit

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        grown.append(self.max_iter)
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(HistGradientBoostingRegressor, "fit", counted)
    model = learner(data, BoostingPoint(max_leaf_nodes=2), epochs=500)
    for _ in range(500):
        model.advance()

    assert grown[-1] == 500, "none is grown beyond the epochs allowed"
    assert sum(grown[:-1]) < 2 * 500, "trees that are evaluated again"
    assert all(later <= 2 * earlier for earlier, later in pairwise(grown))


def noisy_sum(n: int, *, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return features, and a sum of functions of them with noise of deviation 0.5."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-2, 2, (n, 4)).astype(np.float32)
    y = np.sin(2 * X[:, 0]) + np.abs(X[:, 1]) + (X[:, 2] > 0.5) + rng.normal(0, 0.5, n)
    return X, y[:, np.newaxis].astype(np.float32)


def test_of_a_sum_of_functions_it_comes_near_the_noise() -> None:
    X, y = noisy_sum(6000, seed=0)
    data = TrainDevData(Task.REGRESSION, X[:4000], y[:4000], X[4000:], y[4000:], 1)
    training = trained(data, BoostingPoint(learning_rate=0.1, max_leaf_nodes=4), epochs=400)
    assert 0.48 < training.best_dev_metrics[Metric.RMSE] < 0.54
    assert training.best_epoch < training.epochs < 400


def test_that_a_cell_is_missing_may_tell_the_class() -> None:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((2000, 3)).astype(np.float32)
    is_missing = rng.random(2000) < 0.5
    X[is_missing, 1] = np.nan
    y = np.where(rng.random(2000) < 0.05, ~is_missing, is_missing).astype(np.int64)
    data = TrainDevData(Task.CLASSIFICATION, X[:1000], y[:1000], X[1000:], y[1000:], 2)
    assert trained(data, BoostingPoint(), epochs=50).best_dev_metrics[Metric.ERROR] < 0.07


def test_one_split_separates_any_categories_from_the_others() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 254, 20_000)
    y = np.isin(codes, rng.permutation(254)[:127]).astype(np.float32)[:, np.newaxis] * 2 - 1
    X = codes.astype(np.float32)[:, np.newaxis]
    data = TrainDevData(Task.REGRESSION, X[:15_000], y[:15_000], X[15_000:], y[15_000:], 1)
    stump = BoostingPoint(learning_rate=1.0, max_leaf_nodes=2)

    as_categories = trained(replace(data, n_categories=(254,)), stump, epochs=1)
    as_numbers = trained(data, stump, epochs=1)

    assert as_categories.best_dev_metrics[Metric.RMSE] < 0.01
    assert as_numbers.best_dev_metrics[Metric.RMSE] > 0.9


@pytest.mark.parametrize("n_outputs", [2, 4])
@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_classes_keep_their_shares_however_much_rare_ones_count(n_outputs: int, balance: float) -> None:
    data = data_of("boosting", n_outputs)
    on_train = replace(data, X_dev=data.X_train, y_dev=data.y_train)
    shares = np.bincount(data.y_train.astype(np.int64)) / len(data.y_train)
    model = learner(on_train, BoostingPoint(class_balance=balance, learning_rate=0.02, max_leaf_nodes=3))
    model.advance()
    np.testing.assert_allclose(dev_predictions(model, on_train).mean(axis=0), shares, atol=0.02)


def test_a_feature_that_is_missing_throughout_says_nothing() -> None:
    data = data_of("boosting", 1)
    X_train = data.X_train.copy()
    X_train[:, [1, 3]] = np.nan  # a number, and a category
    model = learner(replace(data, X_train=X_train), BoostingPoint())
    model.advance()
    model.keep()
    trees = model.kept_state
    assert not np.isin(trees["feature"][trees["left"] != np.arange(len(trees["left"]))], [1, 3]).any()


def test_a_state_has_the_trees_that_were_kept_and_no_more() -> None:
    data = data_of("boosting", 4)
    model = learner(data, EVERYTHING)
    assert model.kept_figures == {}
    for _ in range(5):
        model.advance()
    model.keep()
    model.advance()
    assert model.kept_state["roots"].shape == (5, 4)
    assert model.kept_figures["trees"] == 20
    leaves = model.kept_state["left"] == np.arange(len(model.kept_state["left"]))
    assert model.kept_figures["leaves"] == leaves.sum()


@pytest.mark.skipif(not IS_KNOWN_HOW, reason="this machine cannot be told to take denormal numbers for 0")
def test_a_probability_that_is_denormal_is_0_as_in_training() -> None:
    raw = np.array([[0.0], [0.0], [-92.0]])
    assert predictions_of(raw, np.arange(3), n_outputs=3).tolist() == [[0.5, 0.5, 0]]


def test_one_that_can_split_nothing_is_dead() -> None:
    data = data_of("boosting", 1)
    model = learner(data, BoostingPoint(min_samples_leaf=150))
    model.advance()
    with pytest.raises(
        DeadError, match="no feature splits the 200 train examples, with min_samples_leaf = 150"
    ):
        model.check({})


@pytest.mark.parametrize(
    ("n_outputs", "changes", "message"),
    [
        (1, {"loss": "log_loss"}, "the loss log_loss is not for regression"),
        (2, {"loss": "absolute_error"}, "the loss absolute_error is not for classification"),
        (1, {"max_bins": 11}, "max_bins = 11 allows no more categories of a column, got one of 12"),
    ],
)
def test_what_does_not_suit_the_data_is_refused(
    n_outputs: int, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        learner(data_of("boosting", n_outputs), BoostingPoint.model_validate(changes))


def test_several_targets_are_refused() -> None:
    data = data_of("boosting", 1)
    y_train, y_dev = (np.tile(y, 2).astype(np.float32) for y in (data.y_train, data.y_dev))
    two = replace(data, y_train=y_train, y_dev=y_dev, n_outputs=2)
    with pytest.raises(ValueError, match="boosting predicts one target, got 2"):
        learner(two, BoostingPoint())


def test_a_space_with_fewer_bins_than_a_column_has_categories_does_not_fit() -> None:
    data = data_of("boosting", 1)
    BOOSTING.insist_on_fit({"max_bins": (12, 255)}, data)
    with pytest.raises(
        ValueError, match="max_bins: expected at least 12, the categories of a column, got 11"
    ):
        BOOSTING.insist_on_fit({"max_bins": (11, 255)}, data)
