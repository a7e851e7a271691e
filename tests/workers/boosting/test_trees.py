"""Trees as arrays: the way of a cell at each sort of node."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workers.boosting.trees import EXAMPLES_AT_ONCE, N_CODES, Trees, add_predictions, joined, no_trees


def stump(left: float, right: float, *, missing_left: bool, codes: list[int] | None = None) -> Trees:
    """Return a tree that asks feature 1 whether it is at most 0.5, or one of some codes."""
    sets = np.zeros((0 if codes is None else 1, N_CODES), np.bool_)
    if codes is not None:
        sets[0, codes] = True
        sets[0, 10:] = missing_left  # codes that were not seen
    return Trees(
        left=np.array([1, 1, 2], np.int32),
        right=np.array([2, 1, 2], np.int32),
        feature=np.array([1, 0, 0], np.int32),
        threshold=np.array([0.5, 0, 0]),
        missing_left=np.array([missing_left, False, False]),
        category_set=np.array([-1 if codes is None else 0, -1, -1], np.int32),
        categories_left=np.packbits(sets, axis=1, bitorder="little"),
        value=np.array([0, left, right]),
        roots=np.zeros((1, 1), np.int32),
    )


def predicted(trees: Trees, cells: Any) -> NDArray[np.float64]:  # noqa: ANN401 (what NumPy takes)
    X = np.zeros((len(cells), 2), np.float32)
    X[:, 1] = cells
    raw = np.zeros((trees.roots.shape[1], len(X)))
    add_predictions(trees, X, raw)
    predictions: NDArray[np.float64] = raw[0]
    return predictions


@pytest.mark.parametrize("missing_left", [True, False])
def test_a_number_up_to_the_threshold_goes_left(missing_left: bool) -> None:  # noqa: FBT001
    values = predicted(stump(1, 2, missing_left=missing_left), [-np.inf, 0.5, 0.50001, np.inf, np.nan])
    assert values.tolist() == [1, 1, 2, 2, 1 if missing_left else 2]


@pytest.mark.parametrize("missing_left", [True, False])
def test_a_category_goes_by_its_code_and_an_unknown_one_as_a_missing_cell(
    missing_left: bool,  # noqa: FBT001
) -> None:
    trees = stump(1, 2, missing_left=missing_left, codes=[0, 3, 9])
    values = predicted(trees, [0, 1, 3, 9, 10, 254, 255, 256, 1e9, -1, np.nan, np.inf])
    assert values.tolist() == [1, 2, 1, 1] + [1 if missing_left else 2] * 8


def test_trees_joined_predict_as_one_after_the_other() -> None:
    parts = [
        stump(1, 2, missing_left=True, codes=[0, 3]),
        stump(0.1, 0.2, missing_left=False),
        stump(10, 20, missing_left=False, codes=[1]),
        no_trees(1),
        stump(1e-9, 2e-9, missing_left=False),
    ]
    cells = [0, 0.4, 1, 3, 12, np.nan]
    apart = sum(predicted(part, cells) for part in parts)
    np.testing.assert_array_equal(predicted(joined(parts, n_raw=1), cells), apart)
    assert joined(parts, n_raw=1).n_leaves == 8
    assert joined([], n_raw=3).roots.shape == (0, 3)


def test_many_rows_and_trees_are_taken_some_at_a_time_to_the_same_bits() -> None:
    rng = np.random.default_rng(0)
    parts = [stump(*rng.standard_normal(2), missing_left=True) for _ in range(150)]
    cells = rng.standard_normal(2 * EXAMPLES_AT_ONCE + 3)
    one_by_one = np.zeros(len(cells))
    for part in parts:
        one_by_one += predicted(part, cells)
    np.testing.assert_array_equal(predicted(joined(parts, n_raw=1), cells), one_by_one)
