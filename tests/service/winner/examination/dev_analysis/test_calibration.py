"""Calibration: what is said in bins of as many examples, beside what is so.

The confusion of classes: counted by true class, then by the one that was named. Residuals: points for a
picture, drawn by the study's seed, and quantiles over all examples.
"""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from service.uncertainty.proportions import wilson_interval
from service.winner.examination.dev_analysis.calibration import (
    calibrated_class,
    calibration_of_classes,
    calibration_of_numbers,
    confusion_of,
    residuals_of,
)
from tests.service.winner.examination.dev_analysis.predicted import classes, named, numbers


def test_a_winner_that_is_too_sure_is_seen_to_be() -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(0.6, 1.0, size=4000)
    is_right = rng.random(4000) < said - 0.2
    y = np.where(is_right, 0, 1).tolist()
    bins = calibration_of_classes(classes(y, np.column_stack([said, 1 - said])))
    assert [each.n_examples for each in bins] == [400] * 10
    assert [each.predicted for each in bins] == pytest.approx(np.arange(0.02, 0.4, 0.04), abs=0.01)
    for each in bins:
        assert abs(each.actual - (each.predicted + 0.2)) < 4 * each.standard_error
        assert each.standard_error == pytest.approx(np.sqrt(each.actual * (1 - each.actual) / 400), rel=0.05)


def test_of_two_classes_the_rarer_is_shown_and_examples_of_one_probability_are_in_one_bin() -> None:
    said = np.array([0.0] * 70 + [0.4] * 30)
    y = [1] * 5 + [0] * 85 + [1] * 10
    predicted = classes(y, np.column_stack([1 - said, said]))
    assert calibrated_class(predicted) == 1
    bins = calibration_of_classes(predicted)
    assert [each.predicted for each in bins] == pytest.approx([0, 0.4])
    assert [each.n_examples for each in bins] == [70, 30]
    assert [each.actual for each in bins] == pytest.approx([5 / 70, 10 / 30])
    turned = replace(predicted, y=1 - predicted.y, probabilities=predicted.probabilities[:, ::-1])
    assert calibrated_class(turned) == 0
    assert calibration_of_classes(turned) == bins


def test_of_more_classes_it_is_the_most_probable_one_whatever_the_label() -> None:
    said = [[0.5, 0.3, 0.2]] * 4 + [[0.1, 0.1, 0.8]] * 4
    predicted = replace(classes([0, 0, 1, 2, 2, 2, 2, 0], said), labels=np.array([1] * 8))
    assert calibrated_class(predicted) is None
    (only,) = calibration_of_classes(predicted)
    assert only.predicted == pytest.approx(0.65)
    assert only.actual == 5 / 8


def test_a_bin_without_errors_is_not_certain() -> None:
    (only,) = calibration_of_classes(classes([0] * 8, [[1, 0]] * 8))
    assert (only.predicted, only.actual) == (0, 0)
    assert only.standard_error == pytest.approx((1 - wilson_interval(8, 8).low) / (2 * 1.96), rel=1e-4)


def test_a_bin_of_few_units_is_less_certain() -> None:
    rng = np.random.default_rng(0)
    is_wrong, unit = np.repeat(rng.random(10) < 0.4, 8), np.repeat(np.arange(10), 8)
    of_classes = classes(is_wrong.astype(np.int64).tolist(), [[0.7, 0.3]] * 80)
    of_numbers = numbers(is_wrong, np.zeros(80))
    for by_row, by_unit in (
        (calibration_of_classes(of_classes), calibration_of_classes(replace(of_classes, units=unit))),
        (calibration_of_numbers(of_numbers), calibration_of_numbers(replace(of_numbers, units=unit))),
    ):
        errors = [sum(each.standard_error for each in bins) / len(bins) for bins in (by_row, by_unit)]
        assert errors[1] > 1.5 * errors[0]


def test_a_bin_that_is_one_unit_is_as_uncertain_as_one_example() -> None:
    of_classes = replace(classes([0] * 8, [[1, 0]] * 8), units=np.zeros(8, dtype=np.intp))
    (only,) = calibration_of_classes(of_classes)
    assert only.standard_error == pytest.approx((1 - wilson_interval(1, 1).low) / (2 * 1.96), rel=1e-4)
    (only,) = calibration_of_numbers(
        replace(numbers(np.zeros(8), np.full(8, 3.0)), units=np.zeros(8, np.intp))
    )
    assert only.standard_error == 3


def test_numbers_are_compared_from_the_lowest_prediction_to_the_highest() -> None:
    rng = np.random.default_rng(0)
    predictions = rng.permutation(np.arange(1000.0))
    noise = rng.normal(scale=3, size=1000)
    bins = calibration_of_numbers(numbers(2 * predictions + noise, predictions))
    assert [each.predicted for each in bins] == pytest.approx(np.arange(49.5, 1000, 100))
    assert [each.actual for each in bins] == pytest.approx([2 * each.predicted for each in bins], abs=2)
    middle = (predictions >= 400) & (predictions < 500)
    residuals = (predictions + noise)[middle]
    assert bins[4].standard_error == pytest.approx(residuals.std(ddof=1) / 10)


def test_few_examples_are_in_few_bins_and_one_is_off_by_its_residual() -> None:
    assert [each.n_examples for each in calibration_of_numbers(numbers(np.zeros(25), np.arange(25)))] == [
        12,
        13,
    ]
    (only,) = calibration_of_numbers(numbers([3], [5]))
    assert (only.predicted, only.actual, only.standard_error, only.n_examples) == (5, 3, 2, 1)


def test_it_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, taken_for = rng.integers(4, size=(2, 300)).tolist()
    found = confusion_of(named(y, taken_for, "abcd"))
    assert found.classes == ("a", "b", "c", "d")
    assert np.array_equal(found.counts, confusion_matrix(y, taken_for))
    assert found.n_left_out == 0


def test_a_class_that_the_dev_set_lacks_has_its_row() -> None:
    found = confusion_of(named([0, 0, 2], [0, 1, 2]))
    assert found.counts == ((1, 1, 0), (0, 0, 0), (0, 0, 1))


def test_of_many_classes_the_most_frequent_are_shown_and_the_rest_is_counted() -> None:
    y = [0, 1, 1, 1, 2, 2, 3]
    taken_for = [0, 1, 1, 2, 2, 3, 1]
    found = confusion_of(named(y, taken_for, "abcd"), most_classes=2)
    assert found.classes == ("b", "c")
    assert found.counts == ((2, 1), (0, 1))
    assert found.n_left_out == 3
    assert sum(map(sum, found.counts)) + found.n_left_out == len(y)


def test_no_more_than_20_classes_are_shown() -> None:
    many = list(range(30)) * 2
    assert len(confusion_of(named(many, many, [f"class {index}" for index in range(30)])).classes) == 20


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
