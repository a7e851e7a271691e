"""Parzen estimators of a few dimensions: a kernel at each observation, and one over the whole range.

A number's kernel is a normal distribution cut off at the ends of its range, whose deviation is the distance
to the farther one of its neighbors. Of whole numbers it has the probability of each one's cell. A choice's
kernel has most of its probability at the value that was observed.

References
----------
Bergstra, J. et al. (2011). Algorithms for hyper-parameter optimization. NeurIPS, section 4.
Watanabe, S. (2023). Tree-structured Parzen estimator: understanding its algorithm components and their roles
for better empirical performance. arXiv:2304.11127, section 3.3 and appendix B.
"""

from collections.abc import Iterable, Sequence
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from service.study.search.unit_scales import ChoiceScale, FloatScale, IntegerScale, Scale

_SQRT_2_PI = sqrt(2 * pi)

Floats = NDArray[np.float64]
_Places = NDArray[np.intp]


class Dimensions:
    """The scales of some dimensions, and where the scales of each kind are."""

    def __init__(self, scales: Sequence[Scale]) -> None:
        self.choices = [(n, scale) for n, scale in enumerate(scales) if isinstance(scale, ChoiceScale)]
        self.whole = [(n, scale) for n, scale in enumerate(scales) if isinstance(scale, IntegerScale)]
        self.continuous = _places(n for n, scale in enumerate(scales) if isinstance(scale, FloatScale))
        self.ranges = np.concatenate([self.continuous, _places(n for n, _ in self.whole)])

    def __len__(self) -> int:
        return len(self.choices) + len(self.ranges)


class ParzenEstimator:
    """A mixture of kernels, of dimensions that are estimated jointly or each by itself.

    Jointly, a kernel is the product of an observation's kernels of all dimensions.

    Parameters
    ----------
    dimensions
        What is estimated.
    observations
        A row for each observation, as numbers on the scales (n_observations, n_dimensions).
    weights
        Of the observations; the kernel over the whole range weighs 1 beside them (n_observations,).
    jointly
        Whether the dimensions are estimated jointly.
    """

    def __init__(
        self, dimensions: Dimensions, observations: Floats, weights: Floats, *, jointly: bool
    ) -> None:
        self._dimensions = dimensions
        self._jointly = jointly
        self._weights = np.concatenate([weights, [1.0]]) / (weights.sum() + 1.0)
        # The dimensions come first from here on: (n_dimensions, n_kernels).
        self._observed = [observations[:, place].astype(np.intp) for place, _ in dimensions.choices]
        means = observations.T[dimensions.ranges]
        middle = np.full((len(means), 1), 0.5)
        self._means = np.concatenate([means, middle], axis=1)
        self._deviations = np.concatenate([_deviations(means), 2 * middle], axis=1)
        self._lowest = ndtr(-self._means / self._deviations)
        self._masses = ndtr((1 - self._means) / self._deviations) - self._lowest

    def sample(self, rng: np.random.Generator, n_samples: int) -> Floats:
        """Draw samples (n_dimensions, n_samples)."""
        shape = len(self._dimensions), n_samples
        drawn = rng.random((1, n_samples) if self._jointly else shape)
        kernels = np.searchsorted(self._weights.cumsum()[:-1], drawn, side="right")
        kernels = np.broadcast_to(kernels, shape)
        shares = rng.random(shape)
        samples = np.empty(shape)
        ranges = self._dimensions.ranges
        samples[ranges] = self._sampled_ranges(kernels[ranges], shares[ranges])
        for observed, (place, choice) in zip(self._observed, self._dimensions.choices, strict=True):
            samples[place] = self._sampled_choices(observed, kernels[place], shares[place], choice.n_choices)
        for place, scale in self._dimensions.whole:
            samples[place] = scale.snapped(samples[place])
        return samples

    def log_densities(self, points: Floats) -> Floats:
        """Return the logarithm of the density at points (n_dimensions, n_points).

        Returns
        -------
        ndarray
            Of the density of all dimensions (1, n_points), or, where each is estimated by itself, of each
            (n_dimensions, n_points). A whole number's or a choice's is its probability.
        """
        densities = self._joint(points) if self._jointly else self._each(points)
        logs: Floats = np.log(densities)
        return logs

    def _sampled_ranges(self, kernels: _Places, shares: Floats) -> Floats:
        of = np.arange(len(kernels))[:, None], kernels
        quantiles = ndtri(self._lowest[of] + shares * self._masses[of])
        samples: Floats = self._means[of] + self._deviations[of] * quantiles
        return samples.clip(0.0, 1.0)

    def _sampled_choices(self, observed: _Places, kernels: _Places, shares: Floats, n_choices: int) -> Floats:
        """Draw the observed value with its share, else any."""
        own = self._own_share(n_choices)
        owns = np.where(kernels < len(observed), own, 0.0)
        values = np.append(observed, 0)[kernels]
        others = np.floor((shares - owns) / (1 - owns) * n_choices)
        return np.where(shares < owns, values, np.minimum(others, n_choices - 1))

    def _own_share(self, n_choices: int) -> float:
        """Return the probability of an observed value beyond that of the others in its kernel."""
        n_kernels = len(self._weights)
        return n_kernels / (n_kernels + n_choices)

    def _each(self, points: Floats) -> Floats:
        densities = np.empty_like(points)
        weighted = self._weights / self._masses
        continuous = self._dimensions.continuous
        if (n_continuous := len(continuous)) > 0:
            kernels = np.exp(self._exponents(points))
            kernels *= (weighted / self._deviations)[:n_continuous, None]
            densities[continuous] = kernels.sum(axis=-1) / _SQRT_2_PI
        for row, (place, scale) in enumerate(self._dimensions.whole, start=n_continuous):
            cells, places = self._cells(scale, row, points[place])
            densities[place] = (cells * weighted[row]).sum(axis=-1)[places]
        for observed, (place, choice) in zip(self._observed, self._dimensions.choices, strict=True):
            own = self._own_share(choice.n_choices)
            weights = np.bincount(observed, self._weights[:-1], minlength=choice.n_choices)
            shares = own * weights + (1 - own * (1 - self._weights[-1])) / choice.n_choices
            densities[place] = shares[points[place].astype(np.intp)]
        return densities

    def _joint(self, points: Floats) -> Floats:
        n_continuous = len(self._dimensions.continuous)
        kernels = np.exp(self._exponents(points).sum(axis=0))
        for row, (place, scale) in enumerate(self._dimensions.whole, start=n_continuous):
            cells, places = self._cells(scale, row, points[place])
            kernels *= cells[places]
        for observed, (place, choice) in zip(self._observed, self._dimensions.choices, strict=True):
            own = self._own_share(choice.n_choices)
            is_own = points[place].astype(np.intp)[:, None] == observed
            kernels[:, :-1] *= np.where(is_own, own, 0.0) + (1 - own) / choice.n_choices
            kernels[:, -1] *= 1 / choice.n_choices
        heights = self._weights / self._masses.prod(axis=0)
        heights /= (self._deviations[:n_continuous] * _SQRT_2_PI).prod(axis=0)
        density: Floats = (kernels * heights).sum(axis=-1, keepdims=True)
        return density.T

    def _exponents(self, points: Floats) -> Floats:
        """Return the exponents of real numbers' kernels (n_continuous, n_points, n_kernels)."""
        continuous = self._dimensions.continuous
        exponents: Floats = points[continuous][:, :, None] - self._means[: len(continuous), None]
        exponents /= self._deviations[: len(continuous), None]
        exponents *= exponents
        exponents *= -0.5
        return exponents

    def _cells(self, scale: IntegerScale, row: int, points: Floats) -> tuple[Floats, _Places | slice]:
        """Return each kernel's mass in cells (n_cells, n_kernels), and which of them a point's cell is.

        They are all cells of the range where these are fewer than the points. Far above a kernel's mean
        nothing is left of the difference of two numbers near 1; there the kernel over the whole range counts.
        """
        means, deviations = self._means[row], self._deviations[row]
        if scale.n_cells < len(points):
            below = ndtr((scale.ends_of_cells[:, None] - means) / deviations)
            return below[1:] - below[:-1], scale.places(points)
        low, high = scale.cells(points)
        return ndtr((high[:, None] - means) / deviations) - ndtr((low[:, None] - means) / deviations), slice(
            None
        )


def _deviations(means: Floats) -> Floats:
    """Return each observation's distance to the farther one of its neighbors (n_ranges, n_observations).

    The ends of the range are neighbors of a single observation alone. From a hundred observations on it is at
    least a hundredth of the range.

    Of equal observations the first and the last have a neighbor that is farther. Which ones these are is
    random, though always the same for as many. In order of number the latest would be the last, which weighs
    most.
    """
    n_ranges, n_observations = means.shape
    if n_observations == 0:
        return means
    ties = np.random.default_rng(n_observations).random(n_observations)
    order = np.lexsort((np.broadcast_to(ties, means.shape), means), axis=1)
    ordered = np.zeros((n_ranges, n_observations + 2))
    ordered[:, 1:-1] = np.take_along_axis(means, order, axis=1)
    ordered[:, -1] = 1.0
    gaps = np.diff(ordered, axis=1)
    farther = np.maximum(gaps[:, :-1], gaps[:, 1:])
    if n_observations > 1:
        farther[:, 0] = gaps[:, 1]
        farther[:, -1] = gaps[:, -2]
    deviations = np.empty_like(means)
    np.put_along_axis(deviations, order, farther.clip(1 / min(100, n_observations + 2), 1.0), axis=1)
    return deviations


def _places(places: Iterable[int]) -> _Places:
    return np.fromiter(places, dtype=np.intp)
