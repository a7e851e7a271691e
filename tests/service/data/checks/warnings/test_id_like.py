"""Ids are told from counts, amounts and categories."""

import numpy as np
import pytest

from service.data.checks.warnings.columns import id_like
from service.tables.column_kinds import ColumnKind
from tests.service.data.checks.known_tables import N, known_data, named, noise

DRAWN = np.random.default_rng(1).choice(10**9, N, replace=False)


def test_an_id_that_is_left_out_is_told_with_what_to_write() -> None:
    names = [f"name {row}" for row in range(N)]
    by_number, by_text = id_like(known_data({"row": range(N), "name": names, "x": noise(N)}))
    assert by_number.sentence == "is not learned from: it numbers the rows"
    assert by_number.remedy == 'if it does tell something about new examples, [columns] row = "numeric"'
    assert by_text.remedy == 'if it does tell something about new examples, [columns] name = "categorical"'


def test_drawn_numbers_are_taken_for_ids_and_may_be_said_to_be_some() -> None:
    (warning,) = id_like(known_data({"drawn": DRAWN}))
    assert "learned from, but has a different whole number in nearly every row" in warning.sentence
    assert warning.remedy == 'if it only names the rows, [columns] drawn = "id"'
    for kind in (ColumnKind.ID, ColumnKind.NUMERIC):
        assert named(id_like(known_data({"drawn": DRAWN, "x": noise(N)}, said={"drawn": kind}))) == []


@pytest.mark.parametrize(("n_repeated", "expected"), [(90, ["text"]), (110, [])])
def test_texts_that_are_nearly_all_others_are_taken_for_ids(n_repeated: int, expected: list[str]) -> None:
    texts = [f"text {max(row, n_repeated)}" for row in range(N)]
    assert named(id_like(known_data({"text": texts}))) == expected


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(np.floor(np.exp(noise(N) + 20)), id="amounts"),
        pytest.param(np.floor(noise(N) * 1e8), id="normal numbers"),
        pytest.param(DRAWN + 0.5, id="fractions"),
        pytest.param(np.r_[DRAWN[1:], np.inf], id="an infinity"),
        pytest.param(DRAWN % 500, id="numbers of several rows"),
    ],
)
def test_other_numbers_are_not_taken_for_ids(cells: np.ndarray) -> None:
    assert named(id_like(known_data({"x": cells}))) == []
