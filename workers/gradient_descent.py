"""One step of mini-batch gradient descent: predict, differentiate, regularize, move."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from search_spaces.hyperparameters import Hyperparameters
from workers.backpropagation import Backpropagation
from workers.dropout import Dropout
from workers.losses import Loss
from workers.network import Network
from workers.optimizers import optimizer_rule
from workers.regularization import add_l1_gradient, add_l2_gradient


class GradientDescent:
    """Moves a network's parameters down the gradient of its regularized loss. A step allocates no array.

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
    bits
        Source of dropout's masks.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        hyperparameters: Hyperparameters,
        *,
        n_train: int,
        bits: np.random.BitGenerator,
    ) -> None:
        dtype = network.parameters.dtype
        self._network, self._loss = network, loss
        self._n_train = n_train
        self._l1_lambda, self._l2_lambda = hyperparameters.l1_lambda, hyperparameters.l2_lambda
        self._optimizer = optimizer_rule(hyperparameters, network.parameters)
        self._backpropagation = Backpropagation(network)
        self._output_gradient = np.empty((network.largest_batch, network.sizes[-1]), dtype)
        self._weights = network.parameters[: len(self._backpropagation.weight_gradient)]
        self._scratch = np.empty_like(self._weights)
        self._dropout = None
        if hyperparameters.keep_prob < 1:
            self._dropout = Dropout(
                hyperparameters.layer_widths,
                hyperparameters.keep_prob,
                largest_batch=network.largest_batch,
                bits=bits,
                dtype=dtype.type,
            )

    def step(
        self,
        X: NDArray[np.floating],
        targets: NDArray[np.floating],
        *,
        learning_rate: float,
        predictions: NDArray[np.floating],
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
            Where to write what the network said before the step, dropout included (n_examples, n_outputs).
        """
        masks = self._dropout.draw(len(X)) if self._dropout else None
        gradient = self.differentiate(X, targets, masks, predictions=predictions)
        self._optimizer.step(self._network.parameters, gradient, learning_rate=learning_rate)

    def differentiate(
        self,
        X: NDArray[np.floating],
        targets: NDArray[np.floating],
        masks: Sequence[NDArray[np.floating]] | None,
        *,
        predictions: NDArray[np.floating],
    ) -> NDArray[np.floating]:
        """Return the gradient of the mini-batch's mean loss plus regularization, (n_parameters,).

        It is a view of a buffer, valid until the next call. Arguments are those of `step`, and dropout's
        masks, one a hidden layer, or None.
        """
        self._loss.predict(self._network.forward(X, masks), predictions)
        output_gradient = self._output_gradient[: len(X)]
        self._loss.differentiate(predictions, targets, output_gradient)
        self._backpropagation.run(X, output_gradient, masks)
        self._regularize()
        return self._backpropagation.gradient

    def _regularize(self) -> None:
        gradient = self._backpropagation.weight_gradient
        weights, n_train, scratch = self._weights, self._n_train, self._scratch
        if self._l1_lambda > 0:
            add_l1_gradient(weights, self._l1_lambda, n_train=n_train, gradient=gradient, scratch=scratch)
        if self._l2_lambda > 0:
            add_l2_gradient(weights, self._l2_lambda, n_train=n_train, gradient=gradient, scratch=scratch)
