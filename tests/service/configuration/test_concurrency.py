"""The trials that run at once follow from the study alone; workers that find no work are told of."""

import inspect

import pytest

from service.configuration.search_config import default_concurrency, workers_line
from service.configuration.study_config import resolve


def test_nothing_of_the_machine_decides() -> None:
    """A study is resolved from what the user wrote and the table: its worker count is not even known."""
    expected = {"config", "task", "class_counts", "has_dates", "has_logarithm"}
    assert set(inspect.signature(resolve).parameters) == expected
    assert set(inspect.signature(default_concurrency).parameters) == {"n_trials"}


@pytest.mark.parametrize(
    ("n_workers", "concurrency", "n_trials", "wanted"), [(8, 6, 50, 16), (16, 4, 24, 24), (100, 32, 999, 200)]
)
def test_more_workers_than_can_be_busy_are_told_what_they_would_need(
    n_workers: int, concurrency: int, n_trials: int, wanted: int
) -> None:
    line = workers_line(n_workers, concurrency=concurrency, n_trials=n_trials)
    assert line is not None
    assert line.startswith(f"only {concurrency} of {n_workers} workers can be busy at a time")
    assert f"--concurrency {wanted} uses more of them, but changes the results" in line


@pytest.mark.parametrize(("n_workers", "concurrency", "n_trials"), [(4, 4, 50), (1, 4, 20), (8, 4, 4)])
def test_where_all_find_work_nothing_is_said(n_workers: int, concurrency: int, n_trials: int) -> None:
    assert workers_line(n_workers, concurrency=concurrency, n_trials=n_trials) is None
