"""The winner is trained again whatever becomes of its workers, and told of when it cannot be."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from search_spaces.network.point import NetworkPoint, Optimizer
from service.errors import ProctorError
from service.study.search.trial_lifecycle import MAX_RUNS
from service.study.search.winner import winner_of
from service.winner.examination.candidate import make_candidate
from service.winner.examination.conclusion import measure_winner
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.winner.examination.dying_pool import DyingPool
from tests.workers.trained_states import stacked_parameters
from workers.messages import TrainingRules, TrialRequest
from workers.metrics.metric import Metric


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), trials=2)
    yield study
    study.store.close()


def test_a_winner_whose_worker_dies_is_trained_again_to_the_same_bits(study: IrisStudy) -> None:
    calm = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    dying = DyingPool(study, deaths=MAX_RUNS - 1)

    disturbed = measure_winner(study.stored, study.prepared, store=study.store, pool=dying)

    assert dying.deaths_left == 0
    assert disturbed.is_reproduced
    np.testing.assert_array_equal(stacked_parameters(disturbed.members), stacked_parameters(calm.members))


def test_a_winner_whose_workers_always_die_is_given_up(study: IrisStudy) -> None:
    dying = DyingPool(study, deaths=MAX_RUNS + 1)
    with pytest.raises(ProctorError, match=f"won, but its worker died {MAX_RUNS} times as it trained again"):
        measure_winner(study.stored, study.prepared, store=study.store, pool=dying)
    assert dying.deaths_left == 1
    assert study.stored.winner is None


def test_a_winner_that_cannot_be_trained_again_is_told_with_the_reason(study: IrisStudy) -> None:
    wild = NetworkPoint(optimizer=Optimizer.SGD, learning_rate=1e30)
    winner = winner_of(study.stored.trials, Metric.ERROR)
    request = TrialRequest(
        number=winner.number,
        hyperparameters=wild,
        seed=0,
        rules=TrainingRules(5, 5, Metric.ERROR, Metric.ERROR),
        keep_state=True,
    )
    prepared = study.prepared

    with pytest.raises(ProctorError, match=r"won, but could not be trained again: diverged in epoch 1"):
        make_candidate(winner, request, prepared=prepared, pool=study.pool)
