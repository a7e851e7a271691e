"""Sentinels and codes are told from numbers that are far out, or many."""

from datetime import date, timedelta

import numpy as np
import pytest

from service.data.checks.warnings.disguised_values import code_like, sentinels
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise

RNG = np.random.default_rng(3)
AGES = RNG.integers(20, 90, N).astype(float)
DAYS: list[object] = [date(2023, 1, 1) + timedelta(days=int(n)) for n in RNG.integers(0, 300, N)]


def with_some(cells: list[object], value: object, n_cells: int) -> list[object]:
    return [value] * n_cells + cells[n_cells:]


@pytest.mark.parametrize(
    ("cells", "value", "remedy"),
    [
        (AGES.tolist(), -999.0, "[columns] x = { missing = [-999] }"),
        (AGES.tolist(), 99999.0, "[columns] x = { missing = [99999] }"),
        ((AGES * 30 + noise(N)).tolist(), -999.0, "[columns] x = { missing = [-999] }"),
        (DAYS, date(9999, 12, 31), '[columns] x = { missing = ["9999-12-31"] }'),
        (DAYS, date(1900, 1, 1), '[columns] x = { missing = ["1900-01-01"] }'),
    ],
)
def test_a_value_far_from_all_others_is_named_with_its_share(
    cells: list[object], value: object, remedy: str
) -> None:
    (warning,) = sentinels(known_data({"x": with_some(cells, value, 30)}))
    assert "in 30 of 1,000 rows, beyond all its other values" in warning.sentence
    assert warning.remedy.endswith(remedy)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(with_some(AGES.tolist(), 99.0, 30), id="an old age"),
        pytest.param(with_some((AGES * 20).tolist(), 999.0, 30), id="within the range"),
        pytest.param(with_some(AGES.tolist(), -999.0, 1), id="one cell"),
        pytest.param(with_some(DAYS, date(2023, 12, 31), 30), id="an honest date"),
        pytest.param([999.0] * N, id="nothing else"),
    ],
)
def test_honest_values_are_left_alone(cells: list[object]) -> None:
    assert named(sentinels(known_data({"x": cells, "other": noise(N)}))) == []


def test_codes_have_as_many_digits_each_and_are_spread_evenly() -> None:
    codes = RNG.choice(RNG.integers(10_000, 100_000, 300), N).astype(float)
    (warning,) = code_like(known_data({"zip": codes}))
    assert warning.remedy == 'if they are names, [columns] zip = "categorical"'
    assert named(code_like(known_data({"zip": codes}, said={"zip": ColumnKind.NUMERIC}))) == []


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(np.floor(np.exp(noise(N) / 2 + 10.5)), id="salaries"),
        pytest.param(RNG.integers(1_000, 10_000, N).astype(float) // 9, id="four digits"),
        pytest.param(RNG.integers(10_000, 20_000, N).astype(float) // 10 * 10, id="a narrow range"),
        pytest.param(RNG.choice([10_000.5, 50_000.5, 99_000.5], N), id="fractions"),
    ],
)
def test_amounts_are_no_codes(cells: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    assert named(code_like(known_data({"x": cells}))) == []
