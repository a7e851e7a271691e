"""A prediction does not depend on its company, nor on how the features lie in memory."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from search_spaces.hyperparameters import Hyperparameters
from service.models.trained_network import TrainedNetwork
from service.preparation.normalization import Normalization
from tests.service.models.exported_winner import ExportedWinner
from workers.train_dev_data import Task


@given(data=st.data())
def test_any_rows_in_any_order_are_predicted_as_among_all(
    data: st.DataObject, winner: ExportedWinner
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(winner.dev) - 1), max_size=300))
    np.testing.assert_array_equal(winner.model.network.predict(winner.dev[rows]), winner.measured[rows])


def test_features_column_by_column_in_memory_or_with_gaps_are_predicted_alike(winner: ExportedWinner) -> None:
    network = winner.model.network
    with_gaps = np.repeat(np.repeat(winner.dev, 2, axis=0), 3, axis=1)[::2, ::3]
    np.testing.assert_array_equal(network.predict(np.asfortranarray(winner.dev)), winner.measured)
    np.testing.assert_array_equal(network.predict(with_gaps), winner.measured)


def test_more_threads_around_it_change_no_bit() -> None:
    """A sum over 1,000 features is long enough that two threads would share, and so round, it otherwise."""
    rng = np.random.default_rng(5)
    n_features, width = 1000, 16
    network = TrainedNetwork(
        task=Task.REGRESSION,
        n_outputs=1,
        hyperparameters=Hyperparameters(depth=1, width=width),
        parameters=rng.normal(size=n_features * width + width + width + 1).astype(np.float32),
        normalization=Normalization(np.zeros(n_features), np.ones(n_features)),
    )
    X = rng.normal(size=(256, n_features))
    predictions = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, "blas"):
            predictions.append(network.predict(X))
    np.testing.assert_array_equal(predictions[1], predictions[0])


def test_no_examples_have_no_predictions(winner: ExportedWinner) -> None:
    none = winner.model.network.predict(winner.dev[:0])
    assert none.shape == (0, *winner.measured.shape[1:])
