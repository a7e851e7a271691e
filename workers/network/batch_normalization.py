"""Batch normalization of one hidden layer's pre-activations.

While training, a unit's pre-activations over the mini-batch are standardised and multiplied by a learned
gain; the layer's bias is the learned shift. In prediction running statistics stand for the mini-batch's: they
are means over train batches, and nothing else ever enters them.

References
----------
Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
Covariate Shift", algorithms 1 and 2.
"""

import numpy as np
from numpy.typing import NDArray

EPSILON = 1e-5
"""Added to a variance, so that a unit that does not vary is not divided by 0."""

RUNNING_SHARE = 0.1
"""What a mini-batch contributes to the running statistics."""


def prediction_factor(
    gain: NDArray[np.floating], running_variance: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return gain / sqrt(running_variance + EPSILON) (n_units,), which predictions multiply by."""
    factor: NDArray[np.floating] = gain / np.sqrt(running_variance + EPSILON)
    return factor


class BatchNormalization:
    """Standardises one layer over its mini-batches.

    Parameters
    ----------
    gain, running_mean, running_variance
        Views of the network's parameters (n_units,).
    gain_gradient
        Where the gradient by the gain goes (n_units,).
    largest_batch
        The most examples in a mini-batch.
    """

    def __init__(
        self,
        gain: NDArray[np.floating],
        running_mean: NDArray[np.floating],
        running_variance: NDArray[np.floating],
        *,
        gain_gradient: NDArray[np.floating],
        largest_batch: int,
    ) -> None:
        self._gain, self._gain_gradient = gain, gain_gradient
        self._running_mean, self._running_variance = running_mean, running_variance
        self._n_batches = 0
        self._standardised = np.empty((largest_batch, len(gain)), gain.dtype)
        self._squares = np.empty_like(self._standardised)
        self._ones = np.ones(largest_batch, gain.dtype)
        self._mean, self._variance, self._factor, self._shift = np.empty((4, len(gain)), gain.dtype)
        # Numbers are arrays for the reason given in `optimizers`.
        self._epsilon, self._one = np.array(EPSILON, gain.dtype), np.array(1, gain.dtype)
        self._share = np.empty((), gain.dtype)

    def train(self, Z: NDArray[np.floating]) -> None:
        """Overwrite Z (n_examples, n_units) with gain * (Z - mean) / sqrt(variance + EPSILON).

        Mean and variance are the mini-batch's; the variance is divided by n_examples. The running statistics
        move by `RUNNING_SHARE` towards them, from the first mini-batch's on (by 1 / t in step t while that is
        more), with the variance divided by n_examples - 1.
        """
        n_examples = len(Z)
        ones, standardised = self._ones[:n_examples], self._standardised[:n_examples]
        squares = self._squares[:n_examples]
        mean, variance, factor = self._mean, self._variance, self._factor
        self._share[()] = 1 / n_examples
        ones.dot(Z, out=mean)
        mean *= self._share
        Z -= mean
        np.multiply(Z, Z, out=squares)
        ones.dot(squares, out=variance)
        variance *= self._share
        self._observe(mean, variance, n_examples)
        np.add(variance, self._epsilon, out=factor)
        np.sqrt(factor, out=factor)
        np.divide(self._one, factor, out=factor)
        np.multiply(Z, factor, out=standardised)
        np.multiply(standardised, self._gain, out=Z)

    def predict(self, Z: NDArray[np.floating]) -> None:
        """Normalize Z (n_examples, n_units) in place by the running statistics."""
        np.subtract(Z, self._running_mean, out=Z)
        np.multiply(Z, prediction_factor(self._gain, self._running_variance), out=Z)

    def backpropagate(self, dZ: NDArray[np.floating], bias_gradient: NDArray[np.floating]) -> None:
        """Overwrite dZ, the gradient by what `train` gave, with the gradient by what it was given.

        With z the standardised pre-activations: dgain = sum dZ * z, and
        dZ <- gain / sqrt(variance + EPSILON) * (dZ - mean(dZ) - z * mean(dZ * z)).

        Parameters
        ----------
        dZ
            (n_examples, n_units).
        bias_gradient
            The column sums of dZ (n_units,).
        """
        n_examples = len(dZ)
        standardised, products = self._standardised[:n_examples], self._squares[:n_examples]
        np.multiply(dZ, standardised, out=products)
        self._ones[:n_examples].dot(products, out=self._gain_gradient)
        np.multiply(bias_gradient, self._share, out=self._shift)
        dZ -= self._shift
        np.multiply(self._gain_gradient, self._share, out=self._shift)
        np.multiply(standardised, self._shift, out=products)
        dZ -= products
        np.multiply(self._gain, self._factor, out=self._shift)
        dZ *= self._shift

    def _observe(self, mean: NDArray[np.floating], variance: NDArray[np.floating], n_examples: int) -> None:
        if n_examples == 1:  # one example has no variance
            return
        self._n_batches += 1
        share = max(RUNNING_SHARE, 1 / self._n_batches)
        for running, batch, factor in (
            (self._running_mean, mean, 1.0),
            (self._running_variance, variance, n_examples / (n_examples - 1)),
        ):
            np.multiply(running, 1 - share, out=running)
            np.multiply(batch, share * factor, out=self._shift)
            np.add(running, self._shift, out=running)
