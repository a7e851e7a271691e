"""A made table of bookings of which few are cancelled: what can be known of them is known."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit


def bookings(n_rows: int, *, seed: int) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """Return a table whose column `cancelled` is yes for one in seven, and each row's true probability."""
    rng = np.random.default_rng(seed)
    lead, nights = rng.exponential(40, n_rows).round(), rng.integers(1, 8, n_rows)
    price, country = rng.normal(100, 25, n_rows).round(2), rng.choice(list("ABCDE"), n_rows)
    score = 0.75 * np.log1p(lead) + 0.4 * (price > 120) - 0.5 * (nights > 4) + 0.6 * (country == "C")
    p = expit(score - 4.6)
    cancelled = np.where(rng.random(n_rows) < p, "yes", "no")
    columns = {"lead": lead, "nights": nights, "price": price, "country": country, "cancelled": cancelled}
    return pl.DataFrame(columns), p


def best_balanced_error() -> float:
    """Return what no model can be better than on ever more rows: that of the label p above its mean."""
    _, p = bookings(400_000, seed=0)
    labelled = p > p.mean()
    missed, alarms = np.average(~labelled, weights=p), np.average(labelled, weights=1 - p)
    return float(missed + alarms) / 2
