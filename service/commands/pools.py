"""Pools of workers, one at a time, started when there is something to train."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from importlib import import_module
from math import inf
from threading import Thread
from types import TracebackType
from typing import Self

from service.commands.study_run import RunDisplay
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.errors import BadInputError, ProctorError
from workers.pools.cluster_needs import check_needs
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.pools.ray_settings import apply_ray_settings
from workers.pools.starting_pool import StartedPool, StartingPool
from workers.pools.thread_directory import threads_may_have_own
from workers.trial_data import TrialData

WORTH_SECONDS = 12.0
"""How much time Ray must save for it to be started, as trials measured until then tell (seconds).

On two cores its start, beside which training goes on more slowly, and its end take 4 to 5 s together. The
first trials are the longest, as none is pruned: what they tell is about twice what comes. n workers save all
but an nth of what is left to train. `python -m benchmarks.beginning` measures it.
"""


class Pools:
    """Pools of workers, one at a time: a round may search inputs that are made anew.

    Parameters
    ----------
    launch
        Where they run.
    display
        Gets a warning of anything odd.
    n_trials
        About how many trials there will be, so that a cluster is only started for those that are worth it.
        None where nobody knows, or each needs a process of its own: a cluster comes first then.
    """

    def __init__(self, launch: LaunchConfig, display: RunDisplay, *, n_trials: int | None = None) -> None:
        self._launch, self._display, self._n_trials = launch, display, n_trials
        self._stack = ExitStack()
        self._running: tuple[TrialData, WorkerPool] | None = None

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        """Close what runs."""
        return self._stack.__exit__(kind, error, traceback)

    def on(self, data: TrialData) -> WorkerPool:
        """Return a pool that has the data, in the place of another's.

        Raises
        ------
        BadInputError
            No cluster answers.
        """
        if self._running is None or self._running[0] is not data:
            self._stack.close()
            self._running = data, self._stack.enter_context(self._pool(data))
        return self._running[1]

    def _pool(self, data: TrialData) -> AbstractContextManager[WorkerPool]:
        if self._launch.workers == 0:
            return closing(InProcessPool(data))
        return _ray_pool(data, self._launch, self._display, self._n_trials)


def n_trials_of(config: StudyConfig, *, n_ended: int = 0) -> int | None:
    """Return about how many trials a study has before it, for `Pools`.

    Parameters
    ----------
    config
        The study.
    n_ended
        Trials that it has had.
    """
    if config.limits.seconds is not None or config.limits.memory_megabytes is not None:
        return None
    confirmation = config.confirmation
    n_after = confirmation.finalists * confirmation.seeds + 1  # the winner is trained again
    return max(config.trials * config.n_studies - n_ended, 0) + n_after


def _import_early() -> None:
    for name in ("sklearn.linear_model", "optuna.importance", "service.report.page.report_file"):
        import_module(name)


@contextmanager
def _ray_pool(
    data: TrialData, launch: LaunchConfig, display: RunDisplay, n_trials: int | None
) -> Iterator[WorkerPool]:
    n_cores = os.cpu_count() or 1
    if launch.address is None and (launch.workers or 0) > n_cores:
        display.warn(f"{launch.workers} workers share {n_cores} cores")
    apply_ray_settings(address=launch.address)
    try:
        if n_trials is None:
            pool = _started(data, launch, display)
        else:
            pool = _starting(data, launch, display, n_trials)
    except PoolUnreachableError as error:
        raise BadInputError(f"--address: {error}" if launch.address else str(error)) from error
    try:
        yield pool
    except PoolUnreachableError as error:
        raise ProctorError(str(error)) from error
    finally:
        pool.close()


def _started(data: TrialData, launch: LaunchConfig, display: RunDisplay) -> WorkerPool:
    # Ray's start is mostly waiting: the half second of imports for the study's end is spent meanwhile.
    Thread(target=_import_early, daemon=True).start()
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    return RayPool(
        data,
        n_workers=launch.workers,
        address=launch.address,
        workers_seconds=launch.wait_for_workers,
        waiting=lambda left: display.note(
            f"the cluster has no CPUs yet; waiting up to {left:.0f} seconds for a worker to join it"
        ),
    )


def _starting(data: TrialData, launch: LaunchConfig, display: RunDisplay, n_trials: int) -> WorkerPool:
    """Train here until Ray is there, if the search is long enough for it."""
    if launch.address is not None or not threads_may_have_own():
        return _started(data, launch, display)
    n_workers = launch.workers or os.cpu_count() or 1
    check_needs(data, n_workers=n_workers)

    worth = WORTH_SECONDS / (1 - 1 / n_workers) if n_workers > 1 else inf  # one worker is no faster

    def start(is_given_up: Callable[[], bool]) -> StartedPool:
        from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (as above, and it takes long)

        return RayPool(data, n_workers=n_workers, is_given_up=is_given_up)

    return StartingPool(
        data,
        start,
        n_workers=n_workers,
        n_trials=n_trials,
        worth_seconds=worth,
        goes_without=lambda error: display.warn(f"all trials run in this process: {error}"),
    )
