"""What every test shares: hypothesis's settings, and which tests are too slow to run after each change."""

import signal
from pathlib import PurePath

import pytest
from hypothesis import settings

pytest_plugins = ["tests.postgresql", "tests.ray_cluster"]

# Derandomized: a red gate is red again on the next run.
settings.register_profile("gate", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=5)
settings.load_profile("gate")

# What a shell starts in the background is deaf to Ctrl-C, and so would be the commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SLOW_FIXTURES = {
    *("cluster", "job_server", "ray_address"),
    *("postgresql_server", "postgresql_server_apart", "postgresql_url"),
}
"""Who starts a server."""

SLOW_PLACES = (
    "tests/chaos",
    "tests/end_to_end",
    "tests/house",
    "tests/service/python/test_workers.py",
    "tests/service/report/page/test_in_browser.py",
    "tests/workers/*/test_ray_*.py",
    "tests/workers/test_ray_*.py",
)
"""Where processes are started, or files that are not Python decide: a changed function does not tell."""

SIMULATIONS = (
    "tests/service/advice/test_planted_studies.py",
    "tests/service/advice/test_rounds.py",
    "tests/service/python/test_scikit_learns_checks.py",
    "tests/service/tables/files/test_csv_frames.py",
    "tests/service/uncertainty/test_coverage.py",
    "tests/service/uncertainty/test_paired_coverage.py",
    "tests/service/winner/examination/dev_analysis/test_slices.py",
    "tests/service/winner/learning_curve/test_forecasting.py",
    "tests/workers/test_pool_contract.py",
    "tests/workers/test_true_probabilities.py",
)
"""What is tried so often that it takes seconds."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the slow tests, by place and by fixture, and run them first: what comes last should be short.

    What simulations cover is not measured: they run the same lines thousands of times.
    """

    def lies_in(item: pytest.Item, places: tuple[str, ...]) -> bool:
        path = PurePath(item.path.relative_to(config.rootpath))
        return any(path.match(place) or PurePath(place) in path.parents for place in places)

    for item in items:
        is_simulation = lies_in(item, SIMULATIONS)
        if is_simulation:
            item.add_marker(pytest.mark.no_cover)
        uses_server = bool(SLOW_FIXTURES & set(getattr(item, "fixturenames", ())))
        if is_simulation or uses_server or lies_in(item, SLOW_PLACES):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
