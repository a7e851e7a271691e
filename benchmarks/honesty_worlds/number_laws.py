"""Laws of worlds whose target is a number."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.honesty_worlds.world import TARGET, Law


def uneven_noise(rng: np.random.Generator, n: int) -> pl.DataFrame:
    """Draw a number whose noise is up to ten times as wide in some places as in others."""
    x = rng.normal(size=(4, n))
    width = 0.3 + 1.2 * np.abs(x[2])
    return _named(x, 2 * x[0] + np.sin(2 * x[1]) + width * rng.normal(size=n))


def heavy_tails(degrees_of_freedom: float) -> Law:
    """Return a law whose noise is Student's t: the fewer degrees of freedom, the farther the farthest."""

    def law(rng: np.random.Generator, n: int) -> pl.DataFrame:
        x = rng.normal(size=(4, n))
        return _named(x, 2 * x[0] - x[1] + rng.standard_t(degrees_of_freedom, size=n))

    return law


def grouped_numbers(group_size: int) -> Law:
    """Return a law whose records come in groups of one size, each with an effect of its own."""

    def law(rng: np.random.Generator, n: int) -> pl.DataFrame:
        group = np.arange(n) // group_size
        effect = rng.normal(size=group[-1] + 1)[group]
        x = rng.normal(size=(3, n))
        frame = _named(x, 2 * x[0] - x[1] + effect + 0.7 * rng.normal(size=n))
        return frame.with_columns(pl.Series("patient", group).cast(pl.String))

    return law


def _named(x: NDArray[np.float64], target: NDArray[np.float64]) -> pl.DataFrame:
    return pl.DataFrame({f"x{j}": cells.round(4) for j, cells in enumerate(x)} | {TARGET: target.round(4)})
