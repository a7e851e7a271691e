"""An example's loss: over all examples its mean is the study's metric, or the one nearest to it."""

import numpy as np
import pytest

from service.winner.examination.dev_analysis.example_losses import (
    LOSS_OF,
    losses_of_classes,
    losses_of_numbers,
)
from service.winner.examination.dev_analysis.values import ExampleLoss
from tests.service.winner.examination.dev_analysis.predicted import classes, numbers
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric, measure

SUMMED = {
    Metric.ERROR: Metric.ERROR,
    Metric.BALANCED_ERROR: Metric.BALANCED_ERROR,
    Metric.MACRO_F1: Metric.BALANCED_ERROR,
    Metric.LOG_LOSS: Metric.LOG_LOSS,
    Metric.ROC_AUC: Metric.LOG_LOSS,
    Metric.CALIBRATION_ERROR: Metric.LOG_LOSS,
}


def test_every_metric_has_its_loss() -> None:
    assert LOSS_OF.keys() == set(Metric)


@pytest.mark.parametrize(("metric", "mean"), SUMMED.items())
def test_the_mean_over_a_classification_is_the_metric(metric: Metric, mean: Metric) -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(3, p=[0.7, 0.3, 0], size=200).tolist()  # of the third class there is no example
    predicted = classes(y, rng.dirichlet(np.ones(3), size=200))
    losses, weights, _ = losses_of_classes(predicted, LOSS_OF[metric])
    figure = measure(mean, predicted.probabilities, predicted.y, target_deviation=1.0, rule=MOST_PROBABLE)
    assert np.average(losses, weights=weights) == pytest.approx(figure)
    assert weights.mean() == pytest.approx(1)


def test_the_mean_over_a_regression_is_the_metric() -> None:
    rng = np.random.default_rng(0)
    predicted = numbers(rng.normal(size=50), rng.normal(size=50))
    for metric, power in ((Metric.RMSE, 2), (Metric.MAE, 1)):
        losses, weights, _ = losses_of_numbers(predicted, LOSS_OF[metric])
        figure = measure(metric, predicted.predictions, predicted.y, target_deviation=1.0, rule=MOST_PROBABLE)
        assert np.average(losses, weights=weights) == pytest.approx(figure**power)
    assert LOSS_OF[Metric.R_SQUARED] is ExampleLoss.SQUARED_ERROR


def test_no_square_is_infinite() -> None:
    assert np.isfinite(losses_of_numbers(numbers([0, 1], [1e300, 1]), ExampleLoss.SQUARED_ERROR).losses).all()
