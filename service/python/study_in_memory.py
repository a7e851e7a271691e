"""A study of a table that Python holds, from its configuration to its winner; nothing but warnings is shown.

It has no test set: who calls holds out examples of their own, or judges the winner by cross-validation.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from search_spaces.values import Value
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig, resolve
from service.data.preparation.prepared_data import PreparedData, prepare_split, split_table
from service.data.preparation.space_fit import check_space_fits
from service.errors import ProctorError
from service.python.data_notes import data_warnings_of, notes_on_data
from service.python.door_warnings import warn
from service.study.search.search_run import Silence, search_run
from service.study.search.winner import winner_of
from service.study.storage.database import check_can_be_made, check_name_is_free, opened_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore
from service.tables.table import Table
from service.winner.examination.candidate import Candidate
from service.winner.examination.conclusion import measure_winner, train_winner
from service.winner.examination.figures import Figures
from service.winner.examination.winner_model import model_of
from service.winner.models.model_description import Model
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.pools.ray_settings import apply_ray_settings
from workers.trial_data import TrialData


@dataclass(frozen=True, slots=True)
class SearchedWinner:
    """What a study leaves.

    Attributes
    ----------
    model
        The winner.
    values
        Its searched hyperparameters, by name.
    dev_figures
        All metrics of the task on the dev set that it was chosen by; over folds, their means.
    """

    model: Model
    values: Mapping[str, Value]
    dev_figures: Figures


def search(table: Table, config: StudyConfig, launch: LaunchConfig) -> SearchedWinner:
    """Run a study to its end, and train its winner.

    Parameters
    ----------
    table
        What is learned from.
    config
        The study, without a test set.
    launch
        Where it runs: with 0 workers in this process, with more on a Ray cluster of its own; without storage,
        the study is kept until its end in a temporary directory.

    Raises
    ------
    BadInputError
        The table cannot be learned from, or the study contradicts it.
    ProctorError
        No trial is complete, no worker can be started, the database cannot be written, or `proctor stop` was
        called.

    Warns
    -----
    ProctorWarning
        For each sentence that a command would say of the data, before the search begins.
    """
    table, sets, told = split_table(table, config)
    warnings = data_warnings_of(table, config, sets, told)
    prepared = prepare_split(table, config, sets, told)
    warn(*notes_on_data(prepared, warnings))
    check_space_fits(config.space, prepared.train_dev)
    resolved = resolve(config, task=table.task, class_counts=prepared.class_counts)
    with _storage(launch, config.name) as store, closing(_pool(prepared.trial_data, launch)) as pool:
        create_study(store, resolved, prepared, command=_command(table, config), keep_sealed=True)
        study, data = load_study(store, config.name), prepared.trial_data
        try:
            with search_run(study, data, store=store, pool=pool, listener=Silence()) as run:
                if not run.is_done:
                    raise ProctorError(f"study {config.name!r} was stopped by `proctor stop` before its end")
                study = load_study(store, config.name)
                # What is gone with its storage in a moment is not worth measuring.
                made = train_winner if launch.storage is None else measure_winner
                return _winner(study, prepared, made(study, prepared, store=store, pool=pool))
        except PoolUnreachableError as error:
            raise ProctorError(str(error)) from error


def _winner(study: StoredStudy, prepared: PreparedData, candidate: Candidate) -> SearchedWinner:
    return SearchedWinner(
        model=model_of(study, prepared, candidate),
        values=dict(winner_of(study.trials, study.metric).params),
        dev_figures=dict(candidate.dev_figures()["winner"]),
    )


def _command(table: Table, config: StudyConfig) -> str:
    """Say in the study's storage where it comes from: no command makes it again."""
    return f"{config.name} of {table.name}, fitted from Python"


@contextmanager
def _storage(launch: LaunchConfig, name: str) -> Iterator[StudyStore]:
    if launch.storage is not None:
        check_can_be_made(launch)
        check_name_is_free(launch, name)
        with opened_storage(launch, create=True) as store:
            yield store
        return
    with tempfile.TemporaryDirectory(prefix="proctor-") as directory:
        temporary = launch.model_copy(update={"storage": file_url(Path(directory) / "proctor.db")})
        with opened_storage(temporary, create=True) as store:
            yield store


def _pool(data: TrialData, launch: LaunchConfig) -> WorkerPool:
    if launch.workers == 0:
        return InProcessPool(data)
    apply_ray_settings(address=None)
    from workers.pools.ray_pool import RayPool  # noqa: PLC0415 (Ray reads its settings as it is imported)

    return RayPool(data, n_workers=launch.workers)
