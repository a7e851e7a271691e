"""What a training run leaves to compare: figures of its first step, on its way, and at its end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import NetworkPoint
from tests.workers.agreement_cases import N_STEPS, N_TRAIN, Case, examples_of, start_of
from workers.network.gradient_descent import GradientDescent
from workers.network.losses import Loss, make_loss
from workers.network.network import Network
from workers.network.prediction import predict
from workers.network.schedules import learning_rate_factor
from workers.train_dev_data import Task

QUANTITIES = ("predictions", "gradient", "losses", "parameters", "dev_predictions")
SAMPLED = 5
"""One of so many parameters, gradients and predictions of the first step is compared."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A run of 100 steps; all arrays flat.

    Attributes
    ----------
    predictions
        Of the first mini-batch, before the first step, as training makes them: a sample.
    gradient
        That the optimizer got in the first step: a sample of the trained parameters.
    losses
        Of every tenth mini-batch before its step, without penalties.
    parameters
        At the end: a sample of all, running statistics included.
    dev_predictions
        At the end, as prediction makes them.
    """

    predictions: NDArray[np.floating]
    gradient: NDArray[np.floating]
    losses: NDArray[np.floating]
    parameters: NDArray[np.floating]
    dev_predictions: NDArray[np.floating]


def proctor_trace(case: Case, dtype: type[np.floating]) -> Trace:
    """Train as the case says."""
    examples = examples_of(case)
    X, point = examples.X.astype(dtype), case.hyperparameters
    parameters = start_of(case).astype(dtype)
    network = Network(case.architecture, parameters, largest_batch=point.batch_size)
    loss = _loss(case, dtype)
    descent = GradientDescent(network, loss, point, n_train=N_TRAIN, dropout_seed=np.random.SeedSequence(0))
    targets, predictions = np.empty((2, N_TRAIN, case.n_outputs), dtype)
    loss.encode(examples.y.astype(dtype) if case.task is Task.REGRESSION else examples.y, targets)
    first_predictions, first_gradient, losses = predictions, parameters, []
    for step, batch in enumerate(case.batches):
        rate = _learning_rate(point, step)
        descent.step(X[batch], targets[batch], learning_rate=rate, predictions=predictions[batch])
        losses.append(loss.total(predictions[batch], targets[batch]) / len(X[batch]))
        if step == 0:
            first_predictions, first_gradient = predictions[batch].copy(), network.gradient.trainable.copy()
    dev_predictions = predict(parameters, point, examples.X_dev, task=case.task, n_outputs=case.n_outputs)
    return Trace(
        first_predictions.ravel()[::SAMPLED],
        first_gradient[::SAMPLED],
        np.array(losses[::10]),
        parameters[::SAMPLED],
        dev_predictions.ravel(),
    )


def disagreements(ours: Trace, theirs: Trace) -> dict[str, float]:
    """Return max |ours - theirs| / max |theirs| of each quantity: relative to its own size."""
    errors = {}
    for quantity in QUANTITIES:
        mine, reference = getattr(ours, quantity), getattr(theirs, quantity)
        errors[quantity] = float(np.max(np.abs(mine - reference)) / np.max(np.abs(reference)))
    return errors


def _loss(case: Case, dtype: type[np.floating]) -> Loss:
    counts = None
    if case.task is Task.CLASSIFICATION:
        counts = np.bincount(examples_of(case).y, minlength=case.n_outputs)
    return make_loss(
        case.hyperparameters, task=case.task, n_outputs=case.n_outputs, class_counts=counts, dtype=dtype
    )


def _learning_rate(point: NetworkPoint, step: int) -> float:
    factor = learning_rate_factor(point.learning_rate_schedule, progress=step / N_STEPS)
    return point.learning_rate * factor
