"""Residuals: points for a picture, drawn by the study's seed, and quantiles over all examples."""

import numpy as np
import pytest

from service.winner.examination.dev_analysis.calibration import residuals_of
from tests.service.winner.examination.dev_analysis.predicted import numbers


def test_a_point_is_actual_and_predicted_and_a_residual_predicted_less_actual() -> None:
    found = residuals_of(numbers([1, 2, 3], [2, 3, 4]), seed=0)
    assert found.points == ((1.0, 2.0), (2.0, 3.0), (3.0, 4.0))
    assert found.quantiles == {"5 %": 1, "25 %": 1, "50 %": 1, "75 %": 1, "95 %": 1}


def test_of_many_examples_300_are_drawn_and_quantiles_are_of_all() -> None:
    y = np.arange(1001.0)
    predicted = numbers(y, y + y / 100)
    found = residuals_of(predicted, seed=0)
    assert len(set(found.points)) == 300
    assert all(prediction == pytest.approx(1.01 * actual) for actual, prediction in found.points)
    assert found.quantiles == pytest.approx({"5 %": 0.5, "25 %": 2.5, "50 %": 5, "75 %": 7.5, "95 %": 9.5})
    assert residuals_of(predicted, seed=0) == found
    assert residuals_of(predicted, seed=1).points != found.points
