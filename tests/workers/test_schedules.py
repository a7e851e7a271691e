"""Learning-rate schedules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.hyperparameters import Schedule
from workers.schedules import learning_rate_factor


@pytest.mark.parametrize("schedule", Schedule)
@given(max_epochs=st.integers(1, 500))
def test_a_schedule_starts_at_1_never_rises_and_stays_above_0(schedule: Schedule, max_epochs: int) -> None:
    factors = [
        learning_rate_factor(schedule, epoch=epoch, max_epochs=max_epochs)
        for epoch in range(1, max_epochs + 1)
    ]
    assert factors[0] == 1
    assert factors == sorted(factors, reverse=True)
    assert factors[-1] > 0


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
    computed = [learning_rate_factor(schedule, epoch=epoch, max_epochs=4) for epoch in range(1, 5)]
    assert computed == pytest.approx(factors)
