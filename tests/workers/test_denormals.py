"""Denormal numbers are 0 while a network trains, and as ever for all else."""

import numpy as np
import pytest
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint, Optimizer
from tests.workers.train_dev_sets import digits, rules
from workers.denormals import IS_KNOWN_HOW, denormals_as_zero
from workers.network.prediction import predict
from workers.train_dev_data import Task
from workers.trial.training import Training

pytestmark = pytest.mark.skipif(not IS_KNOWN_HOW, reason="only glibc on x86-64 is told how")

TINY = np.finfo(np.float32).tiny
SMALL = np.full(64, TINY)
HALF = np.full(64, 0.5, np.float32)


def n_denormal(values: NDArray[np.float32]) -> int:
    return int(np.sum((values != 0) & (np.abs(values) < TINY)))


def test_results_and_operands_are_zero_within_and_as_before_after() -> None:
    denormal = SMALL * HALF
    assert n_denormal(denormal) == 64
    with denormals_as_zero():
        assert not (SMALL * HALF).any()
        assert not (denormal * np.float32(4)).any()
        with denormals_as_zero():
            assert not (SMALL * HALF).any()
        assert not (SMALL * HALF).any()
    assert n_denormal(SMALL * HALF) == 64


def test_an_error_leaves_it_as_it_was() -> None:
    with pytest.raises(ValueError, match="on the way"), denormals_as_zero():
        raise ValueError("on the way")
    assert n_denormal(SMALL * HALF) == 64


def test_rounding_and_larger_numbers_are_what_they_were() -> None:
    values = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    expected = values @ values, np.exp(values), values / np.float32(3)
    with denormals_as_zero():
        found = values @ values, np.exp(values), values / np.float32(3)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_that_decay_end_at_zero_and_not_just_above() -> None:
    # Three pixels are the same in all images: nothing but the decay ever changes what is read from them.
    point = NetworkPoint(
        width=16, depth=1, optimizer=Optimizer.ADAMW, weight_decay=5.0, learning_rate=0.01, batch_size=32
    )
    training = Training(digits(), point, seed=0, rules=rules(Task.CLASSIFICATION, max_epochs=40))
    for _ in range(40):
        training.run_unjudged_epoch()  # whose weights count as the best, whatever they are
    assert n_denormal(training.best_state["parameters"]) == 0
    assert np.sum(training.best_state["parameters"] == 0) == 3 * 16


def test_predictions_take_them_for_zero_too() -> None:
    parameters = np.array([0.5, 2.0**100, 0, 0], np.float32)  # one unit, which is denormal, times much
    point, X = NetworkPoint(depth=1, width=1), np.full((1, 1), TINY)
    assert predict(parameters, point, X, task=Task.REGRESSION, n_outputs=1) == 0
    assert predict(parameters, point, 4 * X, task=Task.REGRESSION, n_outputs=1) > 0
