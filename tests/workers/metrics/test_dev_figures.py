"""Figures of the dev set are in the target's unit, whatever the network was trained on."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from search_spaces.network.point import NetworkPoint
from workers.messages import TrainingRules
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.dev_figures import all_dev_figures, dev_figure, in_target_unit
from workers.metrics.metric import Metric
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

rng = np.random.default_rng(3)
PRICES = np.exp(rng.normal(5, 1.5, size=60))


def prices(*, is_log: bool) -> TrainDevData:
    """Make a regression of prices by one noisy feature; the last 20 examples are the dev set."""
    values = np.log(PRICES) if is_log else PRICES
    mean, deviation = values[:40].mean(), values[:40].std()
    y = ((values - mean) / deviation).astype(np.float32)[:, np.newaxis]
    X = (np.log(PRICES) + rng.normal(size=60)).astype(np.float32)[:, np.newaxis]
    return TrainDevData(
        task=Task.REGRESSION,
        X_train=X[:40],
        y_train=y[:40],
        X_dev=X[40:],
        y_dev=y[40:],
        n_outputs=1,
        target_deviation=float(deviation),
        log_target_mean=float(mean) if is_log else None,
    )


@pytest.mark.parametrize("is_log", [False, True])
def test_they_are_scikit_learns_of_predictions_and_prices(is_log: bool) -> None:  # noqa: FBT001 (a parameter)
    data = prices(is_log=is_log)
    predictions = rng.normal(size=(20, 1)).astype(np.float32)
    values = np.log(PRICES) if is_log else PRICES
    restored = predictions[:, 0].astype(np.float64) * values[:40].std() + values[:40].mean()
    if is_log:
        restored = np.exp(restored).clip(PRICES[:40].min() / 2, PRICES[:40].max() * 2)
    found = all_dev_figures(predictions, data, rule=MOST_PROBABLE)
    expected = {
        Metric.RMSE: root_mean_squared_error(PRICES[40:], restored),
        Metric.MAE: mean_absolute_error(PRICES[40:], restored),
        Metric.R_SQUARED: r2_score(PRICES[40:], restored),
    }
    assert found == pytest.approx(expected, rel=1e-5)
    assert {metric: dev_figure(metric, predictions, data, rule=MOST_PROBABLE) for metric in found} == found


@pytest.mark.parametrize(
    ("prediction", "number"), [(1e30, PRICES[:40].max() * 2), (-1e30, PRICES[:40].min() / 2)]
)
def test_an_extrapolated_logarithm_is_no_number_beyond_all_measure(prediction: float, number: float) -> None:
    data, predictions = prices(is_log=True), np.full((20, 1), prediction, dtype=np.float32)
    expected = mean_absolute_error(PRICES[40:], np.full(20, number))
    assert dev_figure(Metric.MAE, predictions, data, rule=MOST_PROBABLE) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(in_target_unit(predictions, data)[0], number, rtol=1e-5)


def test_training_on_logarithms_is_judged_in_the_targets_unit() -> None:
    data = prices(is_log=True)
    rules = TrainingRules(30, 30, Metric.RMSE, Metric.RMSE)
    training = Training(data, NetworkPoint(learning_rate=0.01), seed=0, rules=rules)
    curve = [training.run_epoch().dev_metric for _ in range(30)]
    assert min(curve) == training.best_dev_metrics[Metric.RMSE]
    assert PRICES[40:].std() / 5 < min(curve) < PRICES[40:].std()  # an RMSE of logarithms is about 1
