"""Marks of an axis lie at round values between its ends."""

from itertools import pairwise
from math import isclose, log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.report.page.plots.drawing import linear_ticks, log_ticks


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), n=st.integers(2, 8))
def test_linear_marks_are_few_even_and_inside(low: float, span: float, n: int) -> None:
    ticks = [tick.value for tick in linear_ticks(low, low + span, n=n)]

    assert 1 <= len(ticks) <= n + 1
    assert all(low - 1e-6 * span <= tick <= low + span + 1e-6 * span for tick in ticks)
    steps = [after - before for before, after in pairwise(ticks)]
    assert all(isclose(step, steps[0], rel_tol=1e-6) for step in steps)


@given(low=st.floats(1e-8, 1e6), factor=st.floats(1.05, 1e9))
def test_log_marks_are_few_and_inside(low: float, factor: float) -> None:
    ticks = log_ticks(low, low * factor)

    assert 1 <= len(ticks) <= 9
    assert all(isclose(tick.position, log10(tick.value)) for tick in ticks)
    assert all(low * (1 - 1e-6) <= tick.value <= low * factor * (1 + 1e-6) for tick in ticks)


@pytest.mark.parametrize(
    ("low", "high", "values"),
    [
        (1e-5, 1e-1, [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]),
        (16, 256, [20, 50, 100, 200]),
        (0.5074, 0.9195, [0.6, 0.8]),
    ],
)
def test_log_marks_are_round(low: float, high: float, values: list[float]) -> None:
    assert [tick.value for tick in log_ticks(low, high)] == pytest.approx(values)


def test_ends_that_are_the_same_have_one_mark() -> None:
    assert [tick.value for tick in linear_ticks(3.0, 3.0, n=5)] == [3.0]
