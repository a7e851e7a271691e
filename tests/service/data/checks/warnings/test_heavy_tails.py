"""A tail is heavy by quartile ranges, whatever its unit, and only where standard scaling alone is tried."""

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from search_spaces.hyperparameters import InputChoices, NumericEncoding, NumericScaling
from service.data.checks.warnings.columns import heavy_tails, reach
from tests.service.data.checks.known_tables import known_data, named

EVEN = np.linspace(0, 1, 1001)


def with_end(end: float) -> NDArray[np.float64]:
    """Return numbers of median 0.5 and quartile range 0.5, but for a last one."""
    return np.append(EVEN, end)


@pytest.mark.parametrize(("end", "expected"), [(50, []), (51, ["x"]), (-50, ["x"]), (-49, [])])
def test_more_than_100_quartile_ranges_from_the_median_are_told(end: float, expected: list[str]) -> None:
    assert named(heavy_tails(known_data({"x": with_end(end)}))) == expected


@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e305])
def test_the_reach_has_no_unit(unit: float) -> None:
    assert reach(pl.Series(with_end(50.5) * unit)) == pytest.approx(100, rel=2e-3)


def test_infinities_and_missing_cells_do_not_reach_anywhere() -> None:
    cells = pl.Series([None, *EVEN, float("inf"), float("-inf")])
    assert reach(cells) == pytest.approx(1)
    assert reach(pl.Series([float("inf"), None], dtype=pl.Float64)) == 0


def test_numbers_without_a_range_between_their_quartiles_are_not_judged() -> None:
    assert reach(pl.Series([0.0] * 100 + [1e9])) == 0


def test_quartiles_of_very_many_rows_are_told_by_some_and_ends_by_all() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=400_001)
    numbers[1] = 1000.0
    quartiles = np.quantile(numbers, [0.25, 0.5, 0.75])
    exact = (1000 - quartiles[1]) / (quartiles[2] - quartiles[0])
    assert reach(pl.Series(numbers)) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(
    "choice",
    [
        InputChoices(numeric_scaling=NumericScaling.ROBUST),
        InputChoices(numeric_encoding=NumericEncoding.PIECEWISE_LINEAR),
    ],
)
def test_nothing_is_told_where_another_scaling_is_tried(choice: InputChoices) -> None:
    columns = {"x": with_end(1e6)}
    assert named(heavy_tails(known_data(columns))) == ["x"]
    assert named(heavy_tails(known_data(columns, choices=(InputChoices(), choice)))) == []
