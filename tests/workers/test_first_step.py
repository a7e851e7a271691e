"""The first step of a training, against what its learning rate says."""

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from tests.workers.train_dev_sets import few_numbers, rules
from workers.trial.training import Training


def first_move(point: NetworkPoint, *, max_epochs: int) -> np.ndarray:
    """Return what one step over the whole train set adds to the parameters."""
    data = few_numbers()
    training = Training(data, point, seed=1, rules=rules(data.task, max_epochs=max_epochs))
    before = training.best_state["parameters"]
    training.run_epoch()
    assert training.best_epoch == 1, "the parameters after it are those of a best epoch"
    return training.best_state["parameters"].astype(np.float64) - before


@pytest.mark.parametrize(("max_epochs", "warmup_fraction"), [(4, 0.5), (10, 0.9)])
def test_a_step_of_warm_up_is_as_large_as_the_middle_of_it_says(
    max_epochs: int, warmup_fraction: float
) -> None:
    plain = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=0.02, batch_size=40)
    warmed = plain.model_copy(update={"warmup_fraction": warmup_fraction})
    moves = [first_move(point, max_epochs=max_epochs) for point in (plain, warmed)]

    share = (0.5 / max_epochs) / warmup_fraction
    np.testing.assert_allclose(moves[1], share * moves[0], atol=1e-6)
    assert np.abs(share * moves[0]).max() > 1e-4, "a move that the comparison can see"
