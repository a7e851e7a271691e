"""One table, as different people write it."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

N = 300
_RNG = np.random.default_rng(4)
PRICES = _RNG.normal(3000, 2000, N).round(2).tolist()
SHARES = _RNG.uniform(0, 100, N).round(1).tolist()
SOLD = [datetime(2023, 3, 13, 12, tzinfo=UTC) + timedelta(hours=int(h)) for h in _RNG.integers(0, 5000, N)]
TARGETS = (np.array(PRICES) / 1000 + np.array(SHARES) / 10 + _RNG.normal(0, 0.3, N)).round(2).tolist()


class Spelling(NamedTuple):
    """How numbers and dates are written, and what stands between cells; dates by the marks of `strftime`."""

    price: Callable[[float], str]
    share: Callable[[float], str]
    sold: str
    delimiter: str = ","


def _grouped(mark: str, decimal: str) -> Callable[[float], str]:
    return lambda value: f"{value:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


def _bracketed(value: float) -> str:
    return f"(${-value:,.2f})" if value < 0 else f"${value:,.2f}"


PLAIN = Spelling(str, str, "%Y-%m-%dT%H:%M:%S")
SPELLINGS = {
    "commas": Spelling(_grouped(",", "."), lambda share: f"{share}%", "%Y-%m-%d %H:%M:%S"),
    "points": Spelling(
        _grouped(".", ","), lambda share: f"{share}".replace(".", ","), "%d.%m.%Y %H:%M", delimiter=";"
    ),
    "spaces": Spelling(
        _grouped("\u00a0", ","), lambda share: f"{share} %", "%d-%b-%Y %H:%M:%S", delimiter="\t"
    ),
    "apostrophes": Spelling(_grouped("'", "."), str, "%B %d, %Y, %I:%M %p"),
    "underscores": Spelling(_grouped("_", "."), str, "%Y/%m/%d %H:%M"),
    "accounts": Spelling(_bracketed, lambda share: f"{share} pts", "%m/%d/%Y %I:%M:%S %p"),
    "print": Spelling(lambda price: f"{price}".replace("-", "\u2212"), str, "%Y-%m-%dT%H:%M:%SZ"),
    "thousands": Spelling(lambda price: f"{price / 1000:.5f}K", str, "%a, %d %b %Y %H:%M:%S +0000"),
}


def write_spelled(path: Path, spelling: Spelling) -> Path:
    """Write the table in a spelling; its target is `y`."""
    decimal = "," if spelling.delimiter == ";" else "."
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=spelling.delimiter)
        writer.writerow(["price", "share", "sold", "y"])
        for price, share, sold, y in zip(PRICES, SHARES, SOLD, TARGETS, strict=True):
            cells = [spelling.price(price), spelling.share(share), sold.strftime(spelling.sold)]
            writer.writerow([*cells, f"{y}".replace(".", decimal)])
    return path
