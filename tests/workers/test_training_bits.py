"""A training is a function of (data, hyperparameters, seed), to the last bit, wherever it runs."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import diabetes, digits, rules
from workers.train_dev_data import TrainDevData
from workers.trial.training import Training

POINT = NetworkPoint(depth=2, width=48, keep_prob=0.8, l2_lambda=0.1, batch_size=50)


def run(data: TrainDevData, point: NetworkPoint, *, seed: int) -> tuple[str, str]:
    """Train for 3 epochs; return the curve in full precision, and the parameters' digest."""
    with threadpool_limits(1, "blas"):
        training = Training(data, point, seed=seed, rules=rules(data.task, max_epochs=3))
        curve = [training.run_epoch() for _ in range(3)]
    return repr(curve), hashlib.sha256(training.best_state["parameters"].tobytes()).hexdigest()


@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
def test_the_same_seed_gives_the_same_bits(data: TrainDevData) -> None:
    assert run(data, POINT, seed=4) == run(data, POINT, seed=4)


def test_another_seed_gives_another_network() -> None:
    assert run(digits(), POINT, seed=4) != run(digits(), POINT, seed=5)


def test_another_process_gives_the_same_bits() -> None:
    program = (
        "from tests.workers.test_training_bits import *\nprint(*run(digits(), POINT, seed=4), sep='\\n')"
    )
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert tuple(elsewhere.stdout.splitlines()) == run(digits(), POINT, seed=4)


def test_two_trainings_that_take_turns_do_not_touch_each_other() -> None:
    alone = run(diabetes(), POINT, seed=4)[1]
    with threadpool_limits(1, "blas"):
        trainings = [
            Training(diabetes(), POINT, seed=seed, rules=rules(diabetes().task, max_epochs=3))
            for seed in (4, 5)
        ]
        for _ in range(3):
            for training in trainings:
                training.run_epoch()
    assert hashlib.sha256(trainings[0].best_state["parameters"].tobytes()).hexdigest() == alone


def test_keeping_all_units_is_the_same_as_no_dropout() -> None:
    all_kept = POINT.model_copy(update={"keep_prob": 1 - 1e-9})  # masks are drawn, and all of them are 1
    none = POINT.model_copy(update={"keep_prob": 1.0})
    assert run(digits(), all_kept, seed=4) == run(digits(), none, seed=4)


def test_dropout_does_not_change_where_the_weights_start() -> None:
    with_dropout, without = (
        Training(
            digits(),
            POINT.model_copy(update={"keep_prob": keep_prob}),
            seed=4,
            rules=rules(digits().task, max_epochs=1),
        )
        for keep_prob in (0.5, 1.0)
    )
    np.testing.assert_array_equal(with_dropout.best_state["parameters"], without.best_state["parameters"])
