"""Pools of workers, one at a time, started when there is something to train."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from importlib import import_module
from threading import Thread
from types import TracebackType
from typing import Self

from service.commands.study_run import RunDisplay
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError, ProctorError
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.pools.ray_settings import apply_ray_settings
from workers.trial_data import TrialData


class Pools:
    """Pools of workers, one at a time: a round may search inputs that are made anew.

    Parameters
    ----------
    launch
        Where they run.
    display
        Gets a warning of anything odd.
    """

    def __init__(self, launch: LaunchConfig, display: RunDisplay) -> None:
        self._launch, self._display = launch, display
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
            self._running = data, self._stack.enter_context(_pool(data, self._launch, self._display))
        return self._running[1]


def _import_early() -> None:
    for name in ("sklearn.linear_model", "optuna.importance", "service.report.page.report_file"):
        import_module(name)


def _pool(data: TrialData, launch: LaunchConfig, display: RunDisplay) -> AbstractContextManager[WorkerPool]:
    return closing(InProcessPool(data)) if launch.workers == 0 else _ray_pool(data, launch, display)


@contextmanager
def _ray_pool(data: TrialData, launch: LaunchConfig, display: RunDisplay) -> Iterator[WorkerPool]:
    n_cores = os.cpu_count() or 1
    if launch.address is None and (launch.workers or 0) > n_cores:
        display.warn(f"{launch.workers} workers share {n_cores} cores")
    apply_ray_settings(address=launch.address)
    # Ray's start is mostly waiting: the half second of imports for the study's end is spent meanwhile.
    Thread(target=_import_early, daemon=True).start()
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    try:
        pool = RayPool(
            data,
            n_workers=launch.workers,
            address=launch.address,
            workers_seconds=launch.wait_for_workers,
            waiting=lambda left: display.note(
                f"the cluster has no CPUs yet; waiting up to {left:.0f} seconds for a worker to join it"
            ),
        )
    except PoolUnreachableError as error:
        raise BadInputError(f"--address: {error}" if launch.address else str(error)) from error
    try:
        yield pool
    except PoolUnreachableError as error:
        raise ProctorError(str(error)) from error
    finally:
        pool.close()
