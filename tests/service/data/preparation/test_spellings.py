"""A table is the same study however its numbers and dates are written."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import PreparedData, prepare_data

N = 300
RNG = np.random.default_rng(4)
PRICES = RNG.normal(3000, 2000, N).round(2).tolist()
SHARES = RNG.uniform(0, 100, N).round(1).tolist()
SOLD = [datetime(2023, 3, 13, 12, tzinfo=UTC) + timedelta(hours=int(h)) for h in RNG.integers(0, 5000, N)]
TARGETS = (np.array(PRICES) / 1000 + np.array(SHARES) / 10 + RNG.normal(0, 0.3, N)).round(2).tolist()


def grouped(mark: str, decimal: str) -> Callable[[float], str]:
    return lambda value: f"{value:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


def bracketed(value: float) -> str:
    return f"(${-value:,.2f})" if value < 0 else f"${value:,.2f}"


PLAIN = "%Y-%m-%dT%H:%M:%S"
SPELLINGS: dict[str, tuple[Callable[[float], str], Callable[[float], str], str, str]] = {
    "with commas": (grouped(",", "."), lambda share: f"{share}%", "%Y-%m-%d %H:%M:%S", ","),
    "with points": (grouped(".", ","), lambda share: f"{share}".replace(".", ","), "%d.%m.%Y %H:%M", ";"),
    "with spaces": (grouped("\u00a0", ","), lambda share: f"{share} %", "%d-%b-%Y %H:%M:%S", "\t"),
    "with apostrophes": (grouped("'", "."), str, "%B %d, %Y, %I:%M %p", ","),
    "with underscores": (grouped("_", "."), str, "%Y/%m/%d %H:%M", ","),
    "of an account": (bracketed, lambda share: f"{share} pts", "%m/%d/%Y %I:%M:%S %p", ","),
    "with a minus of print": (lambda it: f"{it}".replace("-", "\u2212"), str, "%Y-%m-%dT%H:%M:%SZ", ","),
    "in thousands": (lambda it: f"{it / 1000:.5f}K", str, "%a, %d %b %Y %H:%M:%S +0000", ","),
}


def prepared(
    path: Path, price: Callable[[float], str], share: Callable[[float], str], when: str, delimiter: str
) -> PreparedData:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["price", "share", "sold", "y"])
        rows = zip(PRICES, SHARES, SOLD, TARGETS, strict=True)
        decimal = "," if delimiter == ";" else "."
        writer.writerows(
            [price(it), share(part), day.strftime(when), f"{y}".replace(".", decimal)]
            for it, part, day, y in rows
        )
    return prepare_data(StudyConfig.model_validate({"data": {"table": str(path), "target": "y"}}))


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_table_in_another_spelling_is_the_same_study(
    spelling: tuple[Callable[[float], str], Callable[[float], str], str, str], tmp_path: Path
) -> None:
    plain = prepared(tmp_path / "plain.csv", str, str, PLAIN, ",")
    other = prepared(tmp_path / "other.csv", *spelling)
    assert other.test_fingerprint == plain.test_fingerprint
    for name in ("X_train", "y_train", "X_dev", "y_dev"):
        assert np.array_equal(getattr(other.train_dev, name), getattr(plain.train_dev, name)), name
    kinds = [told.column.kind for told in other.told.columns]
    assert kinds == ["numeric", "numeric", "date"]


def test_what_was_read_is_said(tmp_path: Path) -> None:
    notes = prepared(tmp_path / "table.csv", *SPELLINGS["of an account"]).notes
    assert any(note.startswith("column 'price' is taken as numeric: read '") for note in notes)
    assert any("pts' as " in note for note in notes)
