"""Whole units are drawn, with all their rows, as often as each is drawn."""

import numpy as np
import pytest

from service.uncertainty.units import UnitRows, unit_numbers


def test_a_unit_that_is_drawn_twice_has_its_rows_twice() -> None:
    units = UnitRows(np.array([5, 9, 5, 7, 9, 5]), 6)
    assert len(units) == 3
    assert units.rows(np.array([2, 0, 2])).tolist() == [1, 4, 0, 2, 5, 1, 4]


def test_without_units_each_row_is_one() -> None:
    units = UnitRows(None, 4)
    assert len(units) == 4
    assert units.rows(np.array([3, 0, 3])).tolist() == [3, 0, 3]


@pytest.mark.parametrize("units", [np.array([4, 2, 7, 0]), np.full(4, 3)])
def test_units_of_one_row_each_and_one_unit_of_all_are_as_good_as_none(units: np.ndarray) -> None:
    numbers, is_shared = unit_numbers(units, 4)
    assert not is_shared
    assert len(np.unique(numbers)) == 4
