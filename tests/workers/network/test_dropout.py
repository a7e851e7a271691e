"""Dropout keeps as many units as asked, and changes no expectation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.network.dropout import WORDS_AT_ONCE, Dropout


def dropout(keep_prob: float, *, widths: tuple[int, ...] = (500, 300), largest_batch: int = 100) -> Dropout:
    return Dropout(widths, keep_prob, largest_batch=largest_batch, bits=np.random.SFC64(11))


@pytest.mark.parametrize("keep_prob", [0.05, 0.5, 0.8, 0.9, 0.99])
def test_the_keep_rate_and_the_mean_are_within_4_standard_errors(keep_prob: float) -> None:
    masks = np.concatenate([mask.ravel() for mask in dropout(keep_prob).draw(100)])
    standard_error = math.sqrt(keep_prob * (1 - keep_prob) / masks.size)
    assert abs(np.mean(masks > 0) - keep_prob) < 4 * standard_error
    assert abs(masks.mean(dtype=np.float64) - 1) < 4 * standard_error / keep_prob


@given(st.floats(2**-16, 1))
def test_the_rate_applied_is_within_2_to_the_minus_17_and_is_what_is_divided_by(keep_prob: float) -> None:
    tested = dropout(keep_prob, widths=(64,), largest_batch=64)
    assert abs(tested.keep_rate - keep_prob) <= 2**-17
    masks = tested.draw(64)[0]
    assert set(np.unique(masks)) <= {np.float32(0), np.float32(1 / tested.keep_rate)}


def test_each_of_65536_numbers_is_kept_or_not_in_the_share_that_is_divided_by() -> None:
    """The expectation is exact: counted over every number that 16 bits can make."""
    tested = Dropout([4 * WORDS_AT_ONCE * 4], 0.9, largest_batch=1, bits=EveryNumber())
    mask = tested.draw(1)[0]
    assert mask.size == 65536
    assert np.count_nonzero(mask) / 65536 == tested.keep_rate


class EveryNumber(np.random.SFC64):
    """Bits that count through all 16-bit numbers, four a word."""

    _next = 0

    def random_raw(self, size: int) -> np.ndarray:  # type: ignore[override]
        """Return the next numbers, in order."""
        numbers = np.arange(self._next, self._next + 4 * size, dtype=np.uint16)
        self._next += 4 * size
        return numbers.view(np.uint64)


def test_another_keep_prob_holds_from_the_next_draw_on() -> None:
    changed, fresh = dropout(0.5, widths=(64,)), dropout(0.9, widths=(64,))
    changed.set_keep_prob(0.9)
    np.testing.assert_array_equal(changed.draw(100)[0], fresh.draw(100)[0])
    changed.set_keep_prob(1.0)
    np.testing.assert_array_equal(changed.draw(100)[0], 1)


def test_the_smallest_keep_prob_still_keeps_something_in_expectation() -> None:
    assert dropout(1e-12).keep_rate == 2**-16


def test_draws_layers_and_chunks_are_independent() -> None:
    tested = dropout(0.5, widths=(400, 400), largest_batch=100)
    first, second = (mask.copy() for mask in tested.draw(100))
    third = tested.draw(100)[0].copy()
    period = 4 * WORDS_AT_ONCE
    flat = np.concatenate([first.ravel(), second.ravel()])
    for one, other in ((first, second), (first, third), (flat[:period], flat[period : 2 * period])):
        agreement = np.mean(one.ravel() == other.ravel())
        assert abs(agreement - 0.5) < 4 * 0.5 / math.sqrt(one.size)


def test_rows_and_columns_are_as_asked() -> None:
    assert [mask.shape for mask in dropout(0.5).draw(7)] == [(7, 500), (7, 300)]


def test_the_same_bits_give_the_same_masks() -> None:
    one, other = dropout(0.7).draw(100), dropout(0.7).draw(100)
    for mask, same in zip(one, other, strict=True):
        np.testing.assert_array_equal(mask, same)
