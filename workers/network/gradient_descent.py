"""One step of mini-batch gradient descent: predict, differentiate, regularize, move."""

import math

import numpy as np
from numpy.typing import NDArray

from search_spaces.network.point import L1Step, LayerRates, NetworkPoint
from workers.network.architecture import Parameters
from workers.network.blocks import blocks
from workers.network.dropout import Dropout
from workers.network.losses import Loss
from workers.network.network import Masks, Network
from workers.network.optimizers import AdamW, optimizer_rule
from workers.network.rate_factors import layer_factor, rate_factors
from workers.network.regularization import (
    add_l1_gradient,
    add_l2_gradient,
    bound_norms,
    l1_penalty,
    l2_penalty,
    shrink_towards_zero,
)


class GradientDescent:
    """Moves a network's parameters down the gradient of its regularized loss.

    A step makes no array that grows with the data or the parameters.

    Parameters
    ----------
    network
        What is trained; its parameters are changed in place.
    loss
        What is minimized, beside the regularization.
    hyperparameters
        Optimizer, regularization and dropout are read.
    n_train
        Number of train examples, by which regularization is divided.
    dropout_seed
        Source of dropout's masks.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        hyperparameters: NetworkPoint,
        *,
        n_train: int,
        dropout_seed: np.random.SeedSequence,
    ) -> None:
        parameters, gradient = network.parameters, network.gradient
        architecture = network.architecture
        self._network, self._loss, self._point = network, loss, hyperparameters
        self._n_train = n_train
        self._optimizer = optimizer_rule(
            hyperparameters,
            parameters.trainable,
            gradient.trainable,
            n_weights=architecture.n_decayed,
            factors=rate_factors(hyperparameters, architecture, parameters.flat.dtype.type),
        )
        self._weight_blocks = blocks(parameters.all_weights, gradient.all_weights)
        self._shrunk = _shrunk(parameters, hyperparameters)
        self._norm_before, self._strength = 0.0, 1.0
        self._clip_norm, self._max_norm = hyperparameters.clip_norm, hyperparameters.max_norm
        hidden = network.layers[:-1] if self._max_norm is not None else []
        self._bounded = [(layer.W, np.empty_like(layer.W), np.empty_like(layer.b)) for layer in hidden]
        input_seed, hidden_seed = dropout_seed.spawn(2)
        features, hidden_units = (architecture.n_features,), architecture.sizes[1:-1]
        self._input_dropout = _dropout(features, hyperparameters.input_keep_prob, network, seed=input_seed)
        self._hidden_dropout = _dropout(hidden_units, hyperparameters.keep_prob, network, seed=hidden_seed)

    @property
    def gradient_norm(self) -> float:
        """Length of the last step's gradient, regularization included, before it was clipped."""
        return self._norm() if self._clip_norm is None else self._norm_before

    @property
    def penalty(self) -> float:
        """What regularization adds to the loss as the weights are."""
        weights = self._network.parameters.all_weights
        return l1_penalty(weights, self._point.l1_lambda, n_train=self._n_train) + l2_penalty(
            weights, self._point.l2_lambda, n_train=self._n_train
        )

    def step(
        self,
        X: NDArray[np.floating],
        targets: NDArray[np.floating],
        *,
        learning_rate: float,
        predictions: NDArray[np.floating],
        strength: float = 1.0,
    ) -> None:
        """Train on one mini-batch.

        Parameters
        ----------
        X
            (n_examples, n_features).
        targets
            As the loss encodes them (n_examples, n_outputs).
        learning_rate
            Step size.
        predictions
            Where to write what the loss was of before the step, dropout and class weights included
            (n_examples, n_outputs).
        strength
            What weight decay and dropout's drop-probabilities are multiplied by.
        """
        if strength != self._strength:
            self._set_strength(strength)
        self.differentiate(X, targets, self._draw_masks(len(X)), predictions=predictions)
        if self._clip_norm is not None:
            self._clip(self._clip_norm)
        self._optimizer.step(learning_rate)
        point = self._point
        if self._shrunk:
            amount = learning_rate * point.l1_lambda / self._n_train
            for factor, (weights, scratch) in self._shrunk:
                shrink_towards_zero(weights, amount * factor, scratch=scratch)
        if self._max_norm is not None:
            for W, scratch, factors in self._bounded:
                bound_norms(W, self._max_norm, scratch=scratch, factors=factors)

    def differentiate(
        self,
        X: NDArray[np.floating],
        targets: NDArray[np.floating],
        masks: Masks | None,
        *,
        predictions: NDArray[np.floating],
    ) -> NDArray[np.floating]:
        """Return the gradient of the mini-batch's mean loss plus regularization, (n_trainable,).

        It is a view of a buffer, valid until the next call. L1 has a part in it as a subgradient, and none
        where it acts by a step of its own. Arguments are those of `step`, and dropout's masks.
        """
        self._loss.predict_weighted(self._network.forward(X, masks, is_training=True), predictions)
        output_gradient = self._network.layers[-1].dZ_rows
        self._loss.differentiate(predictions, targets, output_gradient)
        self._network.backward(output_gradient)
        self._regularize()
        return self._network.gradient.trainable

    def _set_strength(self, strength: float) -> None:
        point, self._strength = self._point, strength
        if isinstance(self._optimizer, AdamW):
            self._optimizer.decay = strength * point.weight_decay
        if self._input_dropout is not None:
            self._input_dropout.set_keep_prob(1 - strength * (1 - point.input_keep_prob))
        if self._hidden_dropout is not None:
            self._hidden_dropout.set_keep_prob(1 - strength * (1 - point.keep_prob))

    def _draw_masks(self, n_examples: int) -> Masks | None:
        if self._input_dropout is None and self._hidden_dropout is None:
            return None
        n_hidden = len(self._network.layers) - 1
        of_features = self._input_dropout.draw(n_examples) if self._input_dropout else [None]
        of_hidden = self._hidden_dropout.draw(n_examples) if self._hidden_dropout else [None] * n_hidden
        return [*of_features, *of_hidden]

    def _regularize(self) -> None:
        point, n_train = self._point, self._n_train
        if point.l1_lambda > 0 and point.l1_step is L1Step.SUBGRADIENT:
            for weights, gradient, scratch in self._weight_blocks:
                add_l1_gradient(weights, point.l1_lambda, n_train=n_train, gradient=gradient, scratch=scratch)
        if point.l2_lambda > 0:
            for weights, gradient, scratch in self._weight_blocks:
                add_l2_gradient(weights, point.l2_lambda, n_train=n_train, gradient=gradient, scratch=scratch)

    def _clip(self, clip_norm: float) -> None:
        """Shorten the gradient to `clip_norm` where it is longer (Pascanu et al. 2013, algorithm 1)."""
        self._norm_before = self._norm()
        if self._norm_before > clip_norm:
            gradient = self._network.gradient.trainable
            np.multiply(gradient, clip_norm / self._norm_before, out=gradient)

    def _norm(self) -> float:
        gradient = self._network.gradient.trainable
        norm = math.sqrt(float(np.dot(gradient, gradient)))
        if math.isfinite(norm):
            return norm
        return float(np.linalg.norm(gradient.astype(np.float64)))  # squares beyond float32 fit in float64


def _shrunk(
    parameters: Parameters, hyperparameters: NetworkPoint
) -> list[tuple[float, tuple[NDArray[np.floating], ...]]]:
    """Return what proximal L1 shrinks, if it is on: its amount's factor, weights, room to compute in."""
    if hyperparameters.l1_step is not L1Step.PROXIMAL or not hyperparameters.l1_lambda:
        return []
    if hyperparameters.layer_rates is LayerRates.EQUAL:
        return [(1.0, block) for block in blocks(parameters.all_weights)]
    return [
        (layer_factor(hyperparameters, n_in=len(W)), block)
        for W in parameters.weights
        for block in blocks(W.reshape(-1))
    ]


def _dropout(
    widths: tuple[int, ...], keep_prob: float, network: Network, *, seed: np.random.SeedSequence
) -> Dropout | None:
    if keep_prob == 1:
        return None
    return Dropout(
        widths,
        keep_prob,
        largest_batch=network.largest_batch,
        bits=np.random.SFC64(seed),  # the fastest that NumPy has
        dtype=network.parameters.flat.dtype.type,
    )
