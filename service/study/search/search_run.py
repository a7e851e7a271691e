"""A study's search and confirmations, run by the one coordinator that it has, for whoever listens."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from service.study.search.coordinator import Coordinator
from service.study.search.plan import StudyObserver
from service.study.search.progress import StudyProgress, progress_of
from service.study.storage.database_failures import Patience
from service.study.storage.lease import Lease
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_store import StudyStore
from workers.pools.pool import WorkerPool
from workers.trial_data import TrialData

ASKED_TO_STOP = "stopping, as `proctor stop` asks; running trials have 3 seconds to end"


class SearchListener(Protocol):
    """The listener of a study's run, which may stop it."""

    def begin(self, study: StoredStudy, *, n_workers: int, storage: str) -> None:
        """Hear what begins, or goes on; the lease is taken."""
        ...

    def interruptible(self) -> AbstractContextManager[Callable[[], bool]]:
        """Give the function that says whether the run is to stop; within the context it may be asked to."""
        ...

    def watching(self, progress: StudyProgress, study: StoredStudy) -> AbstractContextManager[StudyObserver]:
        """Give who watches the trials, and tells `progress` first."""
        ...


class _Stopping:
    """Tells whether a run is to stop: the user says so here, or somebody asks for it through the database.

    Parameters
    ----------
    is_interrupted
        Tells whether the user says so.
    lease
        The lease on the study, which hears who asks.
    say
        Hears once that somebody asked.
    """

    def __init__(self, is_interrupted: Callable[[], bool], lease: Lease, say: Callable[[str], None]) -> None:
        self._is_interrupted, self._lease, self._say = is_interrupted, lease, say
        self._was_told = False

    def __call__(self) -> bool:
        if self._is_interrupted():
            return True
        if self._lease.is_asked_to_stop and not self._was_told:
            self._was_told = True
            self._say(ASKED_TO_STOP)
        return self._lease.is_asked_to_stop


class Silence:
    """A listener that shows nothing and never stops a run."""

    def begin(self, study: StoredStudy, *, n_workers: int, storage: str) -> None:
        """Say nothing."""

    def interruptible(self) -> AbstractContextManager[Callable[[], bool]]:
        """Give what always says no."""
        return nullcontext(_never)

    def watching(
        self,
        progress: StudyProgress,
        study: StoredStudy,  # noqa: ARG002 (a protocol)
    ) -> AbstractContextManager[StudyObserver]:
        """Give the progress alone."""
        return nullcontext(progress)


@dataclass(frozen=True, slots=True)
class SearchRun:
    """How far a run came.

    Attributes
    ----------
    study
        The study as it was when the lease was taken.
    is_done
        Whether all trials and confirmations have ended; else the run was stopped.
    progress
        How the study stands.
    lease
        The lease on the study.
    is_interrupted
        Tells whether the run is to stop, because of a signal or of a request in the database.
    """

    study: StoredStudy
    is_done: bool
    progress: StudyProgress
    lease: Lease
    is_interrupted: Callable[[], bool]


@contextmanager
def search_run(  # noqa: PLR0913 (what a run works with, each by its name)
    study: StoredStudy,
    data: TrialData,
    *,
    store: StudyStore,
    pool: WorkerPool,
    listener: SearchListener,
    patience: Patience | None = None,
) -> Iterator[SearchRun]:
    """Run what is left of a study's search and confirmations.

    The lease is held, and an interruption or a request to stop heard, until the context is left: what follows
    belongs to the run.

    Parameters
    ----------
    study
        The study, from storage.
    data
        What its trials are trained on.
    store
        Where it is kept.
    pool
        Who runs the trials.
    listener
        Who hears of it.
    patience
        For how long a database that is away is waited for.

    Raises
    ------
    StorageError
        The database cannot be written, or another process or tool works on the study.
    """
    with store.take_lease(study.config.name, is_run=True) as lease:
        study = load_study(store, study.config.name)  # another process may have changed its limits
        config = study.config
        progress = progress_of(config)
        listener.begin(study, n_workers=pool.n_workers, storage=store.shown_url)
        with listener.interruptible() as is_interrupted:
            with listener.watching(progress, study) as observer:
                coordinator = Coordinator(
                    config, data, store=store, pool=pool, observer=observer, lease=lease, patience=patience
                )
                is_stopped = _Stopping(is_interrupted, lease, observer.said)
                is_done = coordinator.run(is_stopped)
            yield SearchRun(study, is_done, progress, lease, is_stopped)


def _never() -> bool:
    return False
