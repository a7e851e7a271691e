"""How much of its activation each hidden unit takes, learned.

References
----------
Holzmüller et al. 2024, "Better by Default: Strong Pre-Tuned MLPs and Boosted Trees on Tabular Data",
section 3 (the parametric activation).
"""

import numpy as np
from numpy.typing import NDArray

from workers.network.activations import ActivationFunction, Scratch

_OWN_SCRATCH = (None, None, None, None)
"""What a mix has for itself, before what its activation has: four arrays of the layer's shape and type."""


class ActivationMix:
    """A layer's activation, mixed with the identity: A = Z + a * (g(Z) - Z), a learned share a for each unit.

    Shares start at 1, which is the activation alone.

    Parameters
    ----------
    activation
        g.
    shares
        a, a view of the network's parameters, in a shape that goes with the layer's: (n_units,) for examples
        as rows, (n_units, 1) as columns.
    gradient
        Where the gradient by them goes (n_units,); None where nobody needs it.
    largest_batch
        The most examples in a mini-batch; read with `gradient` alone.
    """

    def __init__(
        self,
        activation: ActivationFunction,
        shares: NDArray[np.floating],
        *,
        gradient: NDArray[np.floating] | None = None,
        largest_batch: int = 0,
    ) -> None:
        self._activation, self._shares, self._gradient = activation, shares, gradient
        self._ones = np.ones(largest_batch, shares.dtype)

    @property
    def function(self) -> ActivationFunction:
        """The mix as an activation function, for this layer alone."""
        return ActivationFunction(
            self._activate,
            self._multiply_by_derivative,
            (*_OWN_SCRATCH, *self._activation.scratch_types),
            is_smooth=self._activation.is_smooth,
        )

    def _activate(self, Z: NDArray[np.floating], scratch: Scratch) -> None:
        """Overwrite Z with Z + a * (g(Z) - Z); scratch keeps g(Z), g(Z) - Z and a in each row."""
        activated, differences, shares, products, *rest = scratch
        np.copyto(activated, Z)
        self._activation.activate(activated, tuple(rest))
        np.subtract(activated, Z, out=differences)
        shares[...] = self._shares  # a copy and a product of one shape: see `DenseLayer`
        np.multiply(differences, shares, out=products)
        np.add(Z, products, out=Z)

    def _multiply_by_derivative(
        self, dA: NDArray[np.floating], A: NDArray[np.floating], scratch: Scratch
    ) -> None:
        """Overwrite dA with dA * (1 - a) + dA * a * g'(Z); da = the column sums of dA * (g(Z) - Z)."""
        del A
        activated, differences, shares, products, *rest = scratch
        if self._gradient is not None:
            np.multiply(dA, differences, out=products)
            self._ones[: len(dA)].dot(products, out=self._gradient)
        np.multiply(dA, shares, out=products)
        np.subtract(dA, products, out=dA)
        self._activation.multiply_by_derivative(products, activated, tuple(rest))
        np.add(dA, products, out=dA)
