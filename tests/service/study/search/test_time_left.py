"""The time that is left, as it was told in real runs and as made ones have it."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.study.search.progress import TimeLeft

RECORDED: dict[str, list[list[Any]]] = json.loads(Path(__file__).with_name("recorded_runs.json").read_text())
"""Real runs: instants in seconds since the first trial's start, and what was heard then.

Asked (number, whether it may be pruned), started, ended (number, seconds, whether trained to its end), and
the number of confirmations.
"""
N_TRIALS, N_CONFIRMATIONS = 40, 10


def hear(left: TimeLeft, now: float, what: str, *rest: Any) -> None:  # noqa: ANN401 (as JSON has it)
    match what:
        case "asked":
            left.asked(rest[0], may_be_pruned=rest[1])
        case "started":
            left.started(rest[0], now)
        case "ended":
            left.ended(rest[0], seconds=rest[1], is_whole=rest[2])
        case _:
            left.confirming(rest[0])


@pytest.mark.parametrize("run", RECORDED)
def test_from_a_fifth_of_the_time_on_it_is_right_within_about_a_factor_of_two(run: str) -> None:
    """Or within four seconds, at the end; trials to come at the pace so far were off by 15 at a fifth."""
    end = RECORDED[run][-1][0]
    left = TimeLeft(N_TRIALS, N_CONFIRMATIONS, prunes=True)
    shares = [share / 100 for share in range(20, 90, 5)]
    for now, what, *rest in RECORDED[run]:
        while shares and shares[0] * end <= now:
            instant = shares.pop(0) * end
            told = left.seconds(instant)
            assert told is not None
            is_near = 0.4 * (end - instant) < told < 2.5 * (end - instant)
            assert is_near or abs(told - (end - instant)) < 4, instant / end
        hear(left, now, what, *rest)
    assert not shares
    assert left.seconds(end) == 0


def of_two_workers(*, prunes: bool, n_trials: int = 20) -> TimeLeft:
    """Return a search on two workers, whose first two trials ran for 10 seconds and were not pruned."""
    left = TimeLeft(n_trials, n_confirmations=0, prunes=prunes)
    for number in range(2):
        left.asked(number, may_be_pruned=False)
        left.started(number, 0.0)
    for number in range(2):
        left.ended(number, seconds=10.0, is_whole=True)
    return left


def test_nothing_is_told_before_trials_have_ended() -> None:
    left = TimeLeft(20, 0, prunes=True)
    assert left.seconds(5.0) is None
    left.asked(0, may_be_pruned=False)
    left.started(0, 0.0)
    left.ended(0, seconds=1.0, is_whole=True)
    assert left.seconds(5.0) is None


def test_where_nothing_is_pruned_later_trials_are_as_long_as_the_first() -> None:
    assert of_two_workers(prunes=False).seconds(10.0) == pytest.approx(18 * 10 / 2)
    assert not of_two_workers(prunes=False).is_rough


def test_trials_that_may_be_pruned_are_guessed_shorter_until_they_have_shown_it() -> None:
    left = of_two_workers(prunes=True)
    assert left.seconds(10.0) == pytest.approx(18 * 2.5 / 2)
    was_rough = left.is_rough
    for number in range(2, 12):
        left.asked(number, may_be_pruned=True)
        left.started(number, 10.0 + number)
        left.ended(number, seconds=5.0, is_whole=False)
    assert (was_rough, left.is_rough) == (True, False)
    # ten of five seconds, and five guessed at a quarter of ten
    assert left.seconds(45.0) == pytest.approx(8 * (50 + 12.5) / 15 / 2 / (70 / 90))


def test_trials_that_run_count_with_what_they_have_run() -> None:
    """The first to end are short ones: those that go on for long are not forgotten."""
    left = of_two_workers(prunes=False)
    left.asked(2, may_be_pruned=False)
    left.started(2, 10.0)
    one_long = left.seconds(110.0)
    assert one_long is not None
    assert one_long > 17 * 60 / 2


def test_what_another_run_did_tells_nothing_of_this_ones_pace() -> None:
    left = TimeLeft(20, 0, prunes=False)
    for _ in range(10):
        left.restored()
    for number in (10, 11):
        left.asked(number, may_be_pruned=True)
        left.started(number, 0.0)
        left.ended(number, seconds=4.0, is_whole=False)
    assert left.seconds(8.0) == pytest.approx(8 * 4)


def test_a_lost_trial_is_left_until_it_is_given_up() -> None:
    left = of_two_workers(prunes=False)
    left.asked(2, may_be_pruned=False)
    left.started(2, 10.0)
    left.lost(2, is_for_good=False)
    assert left.seconds(10.0) == pytest.approx(18 * 10 / 2)
    left.lost(2, is_for_good=True)
    assert left.seconds(10.0) == pytest.approx(17 * 10 / 2)
