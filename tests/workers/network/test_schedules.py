"""Schedules of the learning rate and of regularization."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.point import RegularizationSchedule, Schedule
from workers.network.schedules import learning_rate_factor, regularization_factor


@pytest.mark.parametrize(
    "schedule", [schedule for schedule in Schedule if schedule is not Schedule.LOG_COSINE]
)
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
        (Schedule.LOG_COSINE, [0, 0.493489275, 0.073618934, 0.875657731]),
    ],
)
def test_factors_are_the_formulas(schedule: Schedule, factors: list[float]) -> None:
    computed = [learning_rate_factor(schedule, progress=progress) for progress in (0, 0.25, 0.5, 0.75)]
    assert computed == pytest.approx(factors)


def test_a_wave_of_log_cosine_is_twice_as_long_as_the_one_before() -> None:
    ends = [(2**wave - 1) / 15 for wave in range(5)]
    crests = [(2 ** (wave + 0.5) - 1) / 15 for wave in range(4)]
    factors = {
        progress: learning_rate_factor(Schedule.LOG_COSINE, progress=progress)
        for progress in (*ends, *crests)
    }
    assert [factors[end] for end in ends] == pytest.approx([0] * 5, abs=1e-12)
    assert [factors[crest] for crest in crests] == pytest.approx([1] * 4)


@given(n_steps=st.integers(1, 2000))
def test_no_step_of_log_cosine_is_backwards_and_the_first_is_none(n_steps: int) -> None:
    factors = [
        learning_rate_factor(Schedule.LOG_COSINE, progress=(step + 0.5) / n_steps) for step in range(n_steps)
    ]
    assert 0 <= min(factors) <= max(factors) <= 1
    assert factors[0] > 0


@pytest.mark.parametrize("schedule", Schedule)
@given(progress=st.floats(0, 1, exclude_max=True))
def test_warm_up_rises_linearly_and_then_leaves_the_schedule_alone(
    schedule: Schedule, progress: float
) -> None:
    factor = learning_rate_factor(schedule, progress=progress, warmup_fraction=0.2)
    without = learning_rate_factor(schedule, progress=progress)
    assert factor == pytest.approx(without * progress / 0.2 if progress < 0.2 else without)


def test_regularization_stays_for_half_of_the_epochs_and_then_falls_to_nothing() -> None:
    progresses = (0, 0.25, 0.5, 0.625, 0.75, 0.875, 1)
    factors = [
        regularization_factor(RegularizationSchedule.FLAT_COSINE, progress=progress)
        for progress in progresses
    ]
    assert factors[:3] == [1, 1, 1]
    assert factors[3:] == pytest.approx([(1 + 2**-0.5) / 2, 0.5, (1 - 2**-0.5) / 2, 0])
    constant = {
        regularization_factor(RegularizationSchedule.CONSTANT, progress=progress) for progress in progresses
    }
    assert constant == {1}
