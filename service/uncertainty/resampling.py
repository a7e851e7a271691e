"""How units are drawn with replacement: how often each is, of so many at most."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

N_RESAMPLES = 2000
"""The ends of an interval rest on the 50 outermost of each side."""

MOST_UNITS = 4000
"""Of more, some are put together by lot: the sums of such blocks are as independent, and vary no less."""

_CELLS_AT_ONCE = 1_000_000


def generator(seed: int) -> np.random.Generator:
    """Return the source of a figure's resamples."""
    return np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"bootstrap")]))


def in_blocks(totals: NDArray[np.float64], *, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return totals by unit as they are, or by block where there are very many units.

    Parameters
    ----------
    totals
        By unit (n_units, n_totals).
    rng
        Source of the lot.
    """
    if len(totals) <= MOST_UNITS:
        return totals
    block = rng.permutation(len(totals)) % MOST_UNITS
    return np.stack([np.bincount(block, column) for column in totals.T], axis=1)


def times_drawn(n_units: int, *, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Yield how often each unit is in each resample, some resamples at a time (n, n_units).

    Parameters
    ----------
    n_units
        How many there are, and are drawn.
    rng
        Source of what is drawn.
    """
    at_once = max(1, _CELLS_AT_ONCE // n_units)
    for start in range(0, N_RESAMPLES, at_once):
        n = min(at_once, N_RESAMPLES - start)
        drawn = rng.integers(n_units, size=(n, n_units)) + n_units * np.arange(n)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=n * n_units).reshape(n, n_units)
