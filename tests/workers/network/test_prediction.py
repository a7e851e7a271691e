"""Predictions: the same in any company, and scikit-learn's for scikit-learn's weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor

from search_spaces.network.point import Activation, NetworkPoint
from workers.network.architecture import Parameters, architecture_of
from workers.network.prediction import predict
from workers.network.prediction_pass import N_READ
from workers.train_dev_data import Task

POINT = NetworkPoint(depth=2, width=20, width_2=33, keep_prob=0.5)
RNG = np.random.default_rng(2)
X = RNG.standard_normal((3 * N_READ + 17, 13)).astype(np.float32)
N_OUTPUTS = {Task.CLASSIFICATION: 4, Task.REGRESSION: 1}
PARAMETERS = {
    task: RNG.standard_normal(architecture_of(POINT, n_features=13, n_units=n).n_parameters).astype(
        np.float32
    )
    / 4
    for task, n in N_OUTPUTS.items()
}


def predicted(X: np.ndarray, task: Task) -> np.ndarray:
    return predict(PARAMETERS[task], POINT, X, task=task, n_outputs=N_OUTPUTS[task])


@pytest.mark.parametrize("task", Task)
@given(rows=st.lists(st.integers(0, len(X) - 1), min_size=1, max_size=2 * N_READ))
@settings(max_examples=30)
def test_an_example_is_predicted_to_the_same_bit_in_any_company(task: Task, rows: list[int]) -> None:
    np.testing.assert_array_equal(predicted(X[rows], task), predicted(X, task)[rows])


def test_probabilities_have_a_column_a_class_and_sum_to_1() -> None:
    P = predicted(X, Task.CLASSIFICATION)
    assert P.shape == (len(X), 4)
    assert P.dtype == np.float32
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-6)


def test_numbers_come_one_an_example() -> None:
    assert predicted(X, Task.REGRESSION).shape == (len(X), 1)


def test_no_examples_give_no_predictions() -> None:
    assert predicted(X[:0], Task.CLASSIFICATION).shape == (0, 4)


def test_parameters_of_another_network_are_refused() -> None:
    with pytest.raises(
        ValueError,
        match=r"layers of \(13, 20, 33, 4\) units has 1109 parameters, got an array of shape \(7,\)",
    ):
        predict(np.zeros(7), POINT, X, task=Task.CLASSIFICATION, n_outputs=4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("activation", "its_name"),
    [(Activation.RELU, "relu"), (Activation.TANH, "tanh"), (Activation.SIGMOID, "logistic")],
)
@pytest.mark.parametrize("task", Task)
def test_predictions_agree_with_scikit_learn_for_the_same_weights(
    activation: Activation, its_name: str, task: Task
) -> None:
    X, y = load_iris(return_X_y=True)
    network_class = MLPClassifier if task is Task.CLASSIFICATION else MLPRegressor
    theirs = network_class(hidden_layer_sizes=(7, 5), activation=its_name, max_iter=5, random_state=0).fit(
        X, y
    )
    n_outputs = 3 if task is Task.CLASSIFICATION else 1
    point = NetworkPoint(depth=2, width_1=7, width_2=5, activation=activation)
    architecture = architecture_of(point, n_features=4, n_units=n_outputs)
    parameters = np.zeros(architecture.n_parameters)
    views = Parameters(parameters, architecture)
    for ours, its in zip((*views.weights, *views.biases), (*theirs.coefs_, *theirs.intercepts_), strict=True):
        ours[...] = its
    expected = theirs.predict_proba(X) if task is Task.CLASSIFICATION else theirs.predict(X)[:, np.newaxis]
    np.testing.assert_allclose(
        predict(parameters, point, X, task=task, n_outputs=n_outputs), expected, rtol=1e-10
    )
