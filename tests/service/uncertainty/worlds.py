"""Worlds with a known truth that intervals are tried in: predictions, targets and units drawn at will."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Drawn(NamedTuple):
    """A test set: predictions (n, n_outputs) or (n,), targets (n,) and units (n,), or None."""

    predictions: NDArray[np.float64]
    y: NDArray[Any]
    units: NDArray[np.intp] | None


World = Callable[[np.random.Generator], Drawn]
Units = Callable[[np.random.Generator], NDArray[np.intp]]
Examples = Callable[[np.random.Generator, NDArray[np.intp]], Drawn]


def rows(n: int) -> Units:
    """Return units of one row each."""
    return lambda _: np.arange(n)


def groups(n_groups: int, mean_size: int) -> Units:
    """Return groups of very unequal size."""

    def drawn(rng: np.random.Generator) -> NDArray[np.intp]:
        sizes = np.minimum(1 + rng.geometric(1 / mean_size, size=n_groups), 4 * mean_size)
        return np.repeat(np.arange(n_groups), sizes)

    return drawn


def classes(shares: list[float], separation: float, group_effect: float = 0.0) -> Examples:
    """Return examples of classes, told apart by scores that a group has something of in common."""
    prior = np.array(shares) / sum(shares)

    def drawn(rng: np.random.Generator, unit: NDArray[np.intp]) -> Drawn:
        n, n_classes = len(unit), len(prior)
        y = rng.choice(n_classes, p=prior, size=n)
        of_unit = group_effect * rng.normal(size=(unit.max() + 1, n_classes))
        scores = rng.normal(size=(n, n_classes)) + separation * np.eye(n_classes)[y] + of_unit[unit]
        weights = np.exp(separation * scores + np.log(prior))
        return Drawn(weights / weights.sum(axis=1, keepdims=True), y, unit)

    return drawn


def numbers(noise: Callable[[np.random.Generator, NDArray[np.float64]], NDArray[np.float64]]) -> Examples:
    """Return numbers whose predictions are off by a noise, drawn for each row and known its true value."""

    def drawn(rng: np.random.Generator, unit: NDArray[np.intp]) -> Drawn:
        y = 2 * rng.normal(size=len(unit))
        return Drawn(y + noise(rng, y), y, unit)

    return drawn


def grouped_numbers(rng: np.random.Generator, unit: NDArray[np.intp]) -> Drawn:
    """Draw numbers whose predictions are off by a noise of each row, and by as large a one of each group."""
    y = 2 * rng.normal(size=len(unit))
    return Drawn(y + rng.normal(size=len(unit)) + rng.normal(size=unit.max() + 1)[unit], y, unit)


def normal(rng: np.random.Generator, y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal noise."""
    return rng.normal(size=len(y))


def heavy_tailed(rng: np.random.Generator, y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return noise of Student's t with three degrees, whose squares have no variance."""
    return rng.standard_t(3, size=len(y))


def uneven(rng: np.random.Generator, y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return normal noise whose size grows with the target."""
    return rng.normal(size=len(y)) * np.exp(0.4 * y)


def world(examples: Examples, units: Units) -> World:
    """Return a world of examples in units, which are None where all have one row."""

    def drawn(rng: np.random.Generator) -> Drawn:
        unit = units(rng)
        found = examples(rng, unit)
        return found if len(np.unique(unit)) < len(unit) else found._replace(units=None)

    return drawn


def copied(examples: Examples, n_records: int, share: float = 0.3) -> World:
    """Return a world in which so many of the records stand in the table several times."""

    def drawn(rng: np.random.Generator) -> Drawn:
        found = examples(rng, np.arange(n_records))
        times = 1 + (rng.random(n_records) < share) * rng.geometric(0.5, size=n_records)
        unit = np.repeat(np.arange(n_records), times)
        return Drawn(found.predictions[unit], found.y[unit], unit)

    return drawn
