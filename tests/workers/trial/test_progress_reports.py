"""Progress is told before the coordinator runs out of what it knows, and besides only now and then."""

from hypothesis import given
from hypothesis import strategies as st

from search_spaces.network.point import NetworkPoint
from tests.workers.train_dev_sets import rules
from workers.messages import Threshold, TrialAdvanced, TrialRequest
from workers.train_dev_data import Task
from workers.trial.earliest_end import earliest_end
from workers.trial.progress_reports import ProgressReports

REQUEST = TrialRequest(
    0,
    NetworkPoint(),
    1,
    rules(Task.REGRESSION, max_epochs=60, patience=10),
    thresholds=(Threshold(2, 0.5), Threshold(6, 0.4), Threshold(20, 0.3)),
)


def told(certain: list[int], *, silence_seconds: float, is_followed: bool = True) -> list[int]:
    """Return the epochs that are told of a trial with an epoch a second, which is followed or not."""
    reports = ProgressReports(REQUEST, silence_seconds=silence_seconds, now=0.0)
    if is_followed:
        reports.follow()
    advances = [TrialAdvanced(0, "w", epochs, at_least) for epochs, at_least in enumerate(certain, start=1)]
    return [advance.epochs for advance in advances if reports.is_due(advance, float(advance.epochs))]


def test_each_epoch_is_told_where_nothing_may_be_left_out() -> None:
    assert told([2, 6, 6, 6, 6, 16, 16], silence_seconds=1.0) == [1, 2, 3, 4, 5, 6, 7]


def test_a_passed_threshold_is_told_and_what_is_known_is_not_told_again() -> None:
    assert told([2, 6, 6, 6, 6, 16, 16, 16, 16, 16], silence_seconds=1e9) == [2, 6]


def test_what_nobody_waits_for_is_not_told() -> None:
    assert told([2, 6, 6, 6, 6, 16, 16], silence_seconds=1e9, is_followed=False) == []


def test_who_follows_later_hears_how_far_it_has_come_and_what_becomes_certain() -> None:
    reports = ProgressReports(REQUEST, silence_seconds=1e9, now=0.0)
    assert reports.follow() is None
    reports = ProgressReports(REQUEST, silence_seconds=1e9, now=0.0)
    advances = [TrialAdvanced(0, "w", epochs, certain) for epochs, certain in ((1, 2), (2, 6), (3, 6))]
    assert [reports.is_due(advance, 1.0) for advance in advances] == [False] * 3

    assert reports.follow() == advances[-1]
    later = [TrialAdvanced(0, "w", 4, 6), TrialAdvanced(0, "w", 6, 16), TrialAdvanced(0, "w", 7, 16)]
    assert [reports.is_due(advance, 1.0) for advance in later] == [False, True, False]


def test_after_a_silence_people_are_told() -> None:
    assert told([2, 6, 6, 6, 6, 16, 16, 16, 16, 16], silence_seconds=3.0) == [2, 5, 6, 9]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_half_of_what_is_certain_at_least_is_known_at_any_time(growth: list[int]) -> None:
    certain, at_least = [], earliest_end(REQUEST, 0)
    for epochs, more in enumerate(growth, start=1):
        at_least = max(at_least + more, epochs + 1)
        certain.append(at_least)
    known = earliest_end(REQUEST, 0)
    heard = set(told(certain, silence_seconds=1e9))
    for epochs, at_least in enumerate(certain, start=1):
        known = at_least if epochs in heard else known
        assert known - epochs >= (at_least - epochs) / 2
