"""A small study that is run in process after process, each of which may die at a durable step of its own.

Trials run in the process itself, without Ray: a life takes a fraction of a second, so that every step can be
tried in turn. The processes are forked from one that has imported all, and done nothing: reading tables
starts threads, which do not survive a fork.
"""

import multiprocessing
import signal
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue

from service.configuration.data_config import DataConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import ConfirmationConfig, StudyConfig, TrainingConfig
from service.data.preparation.prepared_data import prepare_data
from service.study.search.coordinator import Coordinator
from service.study.search.progress import StudyProgress
from service.study.storage.database import open_storage
from service.study.storage.lease import Lease
from service.study.storage.stored_study import create_study, load_study
from service.study.storage.study_store import StudyStore
from service.winner.examination.conclusion import conclude
from tests.chaos.failpoint import Failpoint, Moment
from tests.chaos.study import NAME
from workers.pools.in_process_pool import InProcessPool

STUDY = StudyConfig(
    name=NAME,
    data=DataConfig(table="iris"),
    training=TrainingConfig(max_epochs=5, patience=5),
    confirmation=ConfirmationConfig(finalists=2, seeds=1),
    trials=6,
    concurrency=4,
)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__, "sklearn.linear_model"])  # what a life imports on its way, too


def is_lived_to_the_end(storage: str, failpoint: tuple[int, Moment] | None) -> bool:
    """Begin the study in a database, or go on with it, in a process of its own; return whether it ended it.

    Raises
    ------
    AssertionError
        When the process ended otherwise than by dying at its failpoint.
    """
    life = PROCESSES.Process(target=_live, args=(storage, Failpoint(*(failpoint or (None, Moment.AFTER)))))
    life.start()
    life.join(timeout=120)
    code = life.exitcode
    life.kill()
    died = failpoint is not None and code == -signal.SIGKILL
    assert died or code == 0, f"a life ended with {code}, its failpoint being {failpoint}"
    return not died


def begun_life(storage: str) -> "BaseProcess":
    """Begin the study in a database, in a process of its own that runs."""
    life = PROCESSES.Process(target=_live, args=(storage, Failpoint(None, Moment.AFTER)))
    life.start()
    return life


def n_durable_steps(storage: str) -> int:
    """Run the study to its end in one life, and return how many durable steps it takes."""
    counted: SimpleQueue[int] = PROCESSES.SimpleQueue()
    life = PROCESSES.Process(target=_count, args=(storage, counted))
    life.start()
    life.join(timeout=120)
    assert life.exitcode == 0
    return counted.get()


def _count(storage: str, counted: "SimpleQueue[int]") -> None:
    failpoint = Failpoint(None, Moment.AFTER)
    _live(storage, failpoint)
    counted.put(failpoint.n_commits)


def _live(storage: str, failpoint: Failpoint) -> None:
    failpoint.arm()
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        store = open_storage(LaunchConfig(storage=storage), create=True)
        if NAME not in store.study_names():
            _begin(store)
        study = load_study(store, NAME)
        prepared = prepare_data(study.config)
        pool = InProcessPool(prepared.trial_data)
        progress = StudyProgress(study.config.trials, metric=study.metric)
        with Lease.take(store.engine, NAME) as lease:
            coordinator = Coordinator(
                study.config, prepared.trial_data, store=store, pool=pool, observer=progress, lease=lease
            )
            assert coordinator.run(lambda: False)
            conclude(
                NAME,
                prepared,
                store=store,
                ledger=store.ledger(),
                pool=pool,
                keep_sealed=False,
                lease=lease,
            )


def _begin(store: StudyStore) -> None:
    prepared = prepare_data(STUDY)
    create_study(store, prepared.resolved(STUDY), prepared, command="proctor run iris", keep_sealed=False)
