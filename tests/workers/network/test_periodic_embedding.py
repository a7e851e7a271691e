"""Embeddings of numbers: how they start, what learns by them, and what a trained network keeps of them.

Formula and gradient are in `test_network` and `test_gradient_check`, and against PyTorch.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from search_spaces.network.point import InitScheme, NetworkPoint, NumericEmbedding
from tests.workers.train_dev_sets import rules
from workers.messages import State
from workers.network.architecture import architecture_of
from workers.network.initialization import draw_parameters
from workers.network.learner import NUMERIC_FEATURES, PARAMETERS
from workers.network.network import Network
from workers.network.network_kind import NETWORK
from workers.network.periodic_embedding import EmbeddingParameters
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

POINT = NetworkPoint(
    depth=1,
    width=32,
    learning_rate=0.01,
    numeric_embedding=NumericEmbedding.PERIODIC,
    embedding_frequency=0.5,
)


def waves(n: int) -> TrainDevData:
    """Make two inputs of a category, a number that the target waves with, and one without meaning."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (2 * n, 4)).astype(np.float32)
    X[:, 0] = rng.integers(0, 2, 2 * n)
    X[:, 1] = 1 - X[:, 0]
    y = (np.sin(6 * X[:, 2:3]) + X[:, :1]).astype(np.float32)
    return TrainDevData(Task.REGRESSION, X[:n], y[:n], X[n:], y[n:], 1, numeric_features=(2, 3))


def drawn(point: NetworkPoint, *, n_features: int = 200) -> EmbeddingParameters:
    network = Network.untrained(architecture_of(point, n_features=n_features, n_units=1), largest_batch=1)
    draw_parameters(network.parameters, point, rng=np.random.default_rng(1))
    assert network.parameters.embedding is not None
    return network.parameters.embedding


@pytest.mark.parametrize("frequency", [0.1, 2.0])
@pytest.mark.parametrize("scheme", [InitScheme.AUTO, InitScheme.ZEROS])
def test_embeddings_start_as_their_source_says_whatever_the_scheme(
    frequency: float, scheme: InitScheme
) -> None:
    parameters = drawn(POINT.model_copy(update={"embedding_frequency": frequency, "init_scheme": scheme}))
    frequencies, phases = parameters.waves[..., 0], parameters.waves[..., 1]
    error = 4 / math.sqrt(frequencies.size)
    assert np.std(frequencies) == pytest.approx(frequency, rel=error)
    assert np.mean(frequencies) == pytest.approx(0, abs=error * frequency)
    assert np.max(np.abs(frequencies)) > 3 * frequency  # normal
    for uniform, bound in ((phases, math.pi), (parameters.weights, 0.25), (parameters.biases, 0.25)):
        assert 0.98 * bound < np.max(np.abs(uniform)) <= bound
        assert np.std(uniform) == pytest.approx(bound / math.sqrt(3), rel=0.1)
        assert np.mean(uniform) == pytest.approx(0, abs=0.1 * bound)


def trained(point: NetworkPoint, data: TrainDevData, *, n_epochs: int) -> tuple[float, State]:
    """Return the dev set's RMSE at its best, and that state."""
    training = Training(data, point, seed=0, rules=rules(data.task, max_epochs=n_epochs))
    figures = [training.run_epoch().dev_metric for _ in range(n_epochs)]
    return min(figures), training.best_state


def test_a_target_that_waves_is_learned() -> None:
    data = waves(500)
    plain, _ = trained(
        POINT.model_copy(update={"numeric_embedding": NumericEmbedding.OFF}), data, n_epochs=40
    )
    embedded, _ = trained(POINT, data, n_epochs=40)
    assert embedded < 0.2
    assert plain > 0.5


def predicted(state: State, X: NDArray[np.float32], point: NetworkPoint = POINT) -> NDArray[np.float32]:
    return NETWORK.predict(state, point, X, task=Task.REGRESSION, n_outputs=1)


def test_a_trained_network_knows_which_features_are_numbers() -> None:
    data = waves(100)
    _, state = trained(POINT, data, n_epochs=2)
    assert state[NUMERIC_FEATURES].tolist() == [2, 3]
    every, _ = trained(POINT, replace(data, numeric_features=None), n_epochs=2)
    some, _ = trained(POINT, data, n_epochs=2)
    assert every != some
    _, plain = trained(POINT.model_copy(update={"numeric_embedding": NumericEmbedding.OFF}), data, n_epochs=1)
    assert plain.keys() == {PARAMETERS}


def test_without_numbers_a_network_is_the_plain_one() -> None:
    data = replace(waves(100), numeric_features=())
    plain_point = POINT.model_copy(update={"numeric_embedding": NumericEmbedding.OFF})
    figure, state = trained(POINT, data, n_epochs=2)
    plain_figure, plain = trained(plain_point, data, n_epochs=2)
    assert figure == plain_figure
    np.testing.assert_array_equal(state[PARAMETERS], plain[PARAMETERS])
    assert state[NUMERIC_FEATURES].shape == (0,)
    np.testing.assert_array_equal(
        predicted(state, data.X_dev), predicted(plain, data.X_dev, point=plain_point)
    )


@pytest.mark.parametrize(
    ("positions", "match"),
    [
        (np.array([0, 9]), r"expected ascending positions of numbers among 4 features, got \[0, 9\]"),
        (np.array([1, 0]), "expected ascending positions"),
        (np.array([0]), "has .* parameters, got an array of shape"),
        (np.array([0.0, 1.0]), "expected positions of features as a row of integers, got float64"),
        (np.array([[0, 1]]), r"expected positions of features as a row of integers, got int64 \(1, 2\)"),
    ],
)
def test_positions_that_do_not_fit_the_parameters_are_refused(
    positions: NDArray[np.int64], match: str
) -> None:
    data = waves(50)
    _, state = trained(POINT, data, n_epochs=1)
    with pytest.raises(ValueError, match=match):
        predicted({**state, NUMERIC_FEATURES: positions}, data.X_dev)


def test_weight_decay_acts_on_embeddings() -> None:
    data = waves(64)
    architecture = architecture_of(POINT, n_features=4, n_units=1, numeric_features=(2, 3))
    of_embeddings = slice(architecture.n_weights, architecture.n_decayed)
    moved = {}
    for decay in (0.0, 0.5):
        point = NetworkPoint.model_validate(
            POINT.model_dump() | {"batch_size": 64, "optimizer": "adamw", "weight_decay": decay}
        )
        training = Training(data, point, seed=0, rules=rules(data.task, max_epochs=1))
        start = training.best_state[PARAMETERS][of_embeddings]
        training.run_epoch()
        moved[decay] = training.best_state[PARAMETERS][of_embeddings] - start
    assert np.max(np.abs(start)) > 1
    np.testing.assert_allclose(moved[0.5] - moved[0.0], -0.01 * 0.5 * start, atol=1e-6)
