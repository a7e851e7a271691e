"""Mixup: train examples mixed in pairs, targets with them."""

import numpy as np
from numpy.typing import NDArray


class Mixup:
    """Replaces each example by a mixture of itself and a partner from the same batch.

        x_i <- s_i x_i + (1 - s_i) x_p(i),    targets likewise,    s_i = max(l_i, 1 - l_i)

    with l_i from Beta(alpha, alpha) and p a random permutation of the batch; an example that is its own
    partner stays as it is (Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", equation 2).

    Two ways in which this differs from the paper's code: each example has a share of its own, where the paper
    draws one a batch; and shares are mirrored to 1/2 and above. Beta(alpha, alpha) is symmetric and so is the
    choice of a pair, so mixtures have the same distribution either way; mirrored, each example leads exactly
    one of them, and its own class stays the most probable of its targets.

    Parameters
    ----------
    alpha
        Above 0: small values leave most examples nearly as they are, 1 makes every share equally probable.
    n_features
        Of an example.
    largest_batch
        The most examples a batch may have.
    seed
        Source of partners and shares.
    dtype
        The features'.
    """

    def __init__(
        self,
        alpha: float,
        *,
        n_features: int,
        largest_batch: int,
        seed: np.random.SeedSequence,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self._alpha = alpha
        self._stream = np.random.Generator(np.random.SFC64(seed))
        self._scratch = np.empty((largest_batch, n_features), dtype)

    def apply(self, X: NDArray[np.floating], targets: NDArray[np.floating]) -> None:
        """Mix features (n_examples, n_features) and targets (n_examples, n_outputs) in place."""
        partners, shares = self.draw(len(X))
        _mix(X, partners, shares, scratch=self._scratch[: len(X)])
        _mix(targets, partners, shares, scratch=np.empty_like(targets))

    def draw(self, n_examples: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the next batch's partners, a permutation, and each example's own share, 1/2 to 1."""
        partners = self._stream.permutation(n_examples)
        shares = self._stream.beta(self._alpha, self._alpha, n_examples)
        return partners, np.maximum(shares, 1 - shares)


def _mix(
    rows: NDArray[np.floating],
    partners: NDArray[np.intp],
    shares: NDArray[np.float64],
    *,
    scratch: NDArray[np.floating],
) -> None:
    """Replace each row by row + (1 - share) * (partner - row), which is the mixture in one pass fewer."""
    # The mode "clip" changes no valid index; under "raise" NumPy would fill a copy first.
    np.take(rows, partners, axis=0, out=scratch, mode="clip")
    np.subtract(scratch, rows, out=scratch)
    np.multiply(scratch, (1 - shares)[:, np.newaxis].astype(rows.dtype), out=scratch)
    np.add(rows, scratch, out=rows)
