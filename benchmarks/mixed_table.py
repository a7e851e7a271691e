"""A generated table of 30 mixed columns and any number of rows, as people keep them: CSV and Parquet.

16 columns of decimal numbers, 4 of whole ones, 3 of numbers of which some cells are missing, 5 of categories
(5, 15, 25, 35 and 45 of them), one of yes and no, and the target: one of three classes, told by some of them.
"""

from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

TARGET = "grade"
CLASSES = ("high", "low", "middle")

_N_CATEGORIES = (5, 15, 25, 35, 45)
_N_DECIMAL, _N_WHOLE, _N_GAPPED = 16, 4, 3
_SHARE_MISSING = (0.01, 0.1, 0.3)
_ROWS_AT_ONCE = 250_000


def write_mixed_table(n_rows: int, directory: Path) -> dict[str, Path]:
    """Write the table in both formats; return their paths by the format's name.

    The first rows are the same whatever the number of rows, up to the first 250,000.
    """
    frame = pl.concat(
        _rows(min(_ROWS_AT_ONCE, n_rows - start), seed=start) for start in range(0, n_rows, _ROWS_AT_ONCE)
    )
    paths = {name: directory / f"mixed_{n_rows}.{name}" for name in ("csv", "parquet")}
    frame.write_csv(paths["csv"])
    frame.write_parquet(paths["parquet"])
    return paths


def _rows(n_rows: int, *, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    decimal = rng.normal(size=(_N_DECIMAL, n_rows)).round(4)
    whole = rng.poisson(np.geomspace(3, 3000, _N_WHOLE)[:, np.newaxis], size=(_N_WHOLE, n_rows))
    gapped = [pl.Series(rng.lognormal(3, 1, n_rows).round(2)) for _ in range(_N_GAPPED)]
    categories = [_skewed(n, n_rows, rng) for n in _N_CATEGORIES]
    score = decimal[:4].sum(axis=0) + 0.01 * whole[1] + 0.2 * categories[0] + rng.normal(size=n_rows)
    named = chain(
        (pl.Series(f"decimal_{j}", cells) for j, cells in enumerate(decimal)),
        (pl.Series(f"whole_{j}", cells) for j, cells in enumerate(whole)),
        (
            cells.set(pl.Series(rng.random(n_rows) < share), None).rename(f"gapped_{j}")
            for j, (cells, share) in enumerate(zip(gapped, _SHARE_MISSING, strict=True))
        ),
        (
            pl.Series(f"word_{j}", [f"{'abcde'[j]}{k:03d}" for k in range(n)]).gather(codes)
            for j, (n, codes) in enumerate(zip(_N_CATEGORIES, categories, strict=True))
        ),
        (
            pl.Series("agreed", ("no", "yes")).gather(rng.integers(2, size=n_rows)),
            pl.Series(TARGET, ("low", "middle", "high")).gather(np.digitize(score, (-1.0, 2.0))),
        ),
    )
    return pl.DataFrame(list(named))


def _skewed(n_categories: int, n_rows: int, rng: np.random.Generator) -> np.ndarray:
    """Draw categories of which the first are many times as frequent as the last."""
    shares = 1 / np.arange(1, n_categories + 1)
    return rng.choice(n_categories, size=n_rows, p=shares / shares.sum())
