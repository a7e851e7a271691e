"""Learning-rate schedules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.point import Schedule
from workers.network.schedules import learning_rate_factor


@pytest.mark.parametrize("schedule", Schedule)
@given(n_steps=st.integers(1, 500))
def test_a_schedule_starts_at_1_never_rises_and_stays_above_0(schedule: Schedule, n_steps: int) -> None:
    factors = [learning_rate_factor(schedule, progress=(step + 0.5) / n_steps) for step in range(n_steps)]
    assert learning_rate_factor(schedule, progress=0) == 1
    assert factors == sorted(factors, reverse=True)
    assert 0 < factors[-1] <= factors[0] <= 1


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        (Schedule.CONSTANT, [1, 1, 1, 1]),
        (Schedule.STEP, [1, 1, 0.1, 0.01]),
        (Schedule.EXPONENTIAL, [1, 100**-0.25, 0.1, 100**-0.75]),
        (Schedule.COSINE, [1, (1 + 2**-0.5) / 2, 0.5, (1 - 2**-0.5) / 2]),
    ],
)
def test_factors_are_the_formulas(schedule: Schedule, factors: list[float]) -> None:
    computed = [learning_rate_factor(schedule, progress=progress) for progress in (0, 0.25, 0.5, 0.75)]
    assert computed == pytest.approx(factors)


@pytest.mark.parametrize("schedule", Schedule)
@given(progress=st.floats(0, 1, exclude_max=True))
def test_warm_up_rises_linearly_and_then_leaves_the_schedule_alone(
    schedule: Schedule, progress: float
) -> None:
    factor = learning_rate_factor(schedule, progress=progress, warmup_fraction=0.2)
    without = learning_rate_factor(schedule, progress=progress)
    assert factor == pytest.approx(without * progress / 0.2 if progress < 0.2 else without)
