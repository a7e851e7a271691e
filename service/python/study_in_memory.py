"""A study of a table that Python holds, from its cells to its winner; nothing but warnings is shown.

It has no test set: who calls holds out examples of their own, or judges the winner by cross-validation. What
`proctor run` and `proctor data` say of a study's data are warnings here, in sentences for Python.
"""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from search_spaces.values import Value
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.data.checks.data_check import describe_data
from service.data.checks.data_warning import Concern, DataWarning
from service.data.preparation.prepared_data import PreparedData, prepare_split, split_table
from service.data.preparation.space_fit import check_space_fits
from service.errors import ProctorError
from service.python.user_warnings import warn
from service.seal.splits import Split
from service.study.search.search_run import Silence, search_run
from service.study.search.winner import winner_of
from service.study.storage.database import check_can_be_made, check_name_is_free, opened_storage
from service.study.storage.database_url import file_url
from service.study.storage.stored_study import StoredStudy, create_study, load_study
from service.study.storage.study_store import StudyStore
from service.tables.column_inference import InferredTable
from service.tables.column_kinds import ColumnKind
from service.tables.files.raw_table import RawTable
from service.tables.said_column import SaidColumn, said_by_name
from service.tables.table import Table
from service.winner.examination.candidate import Candidate, model_of
from service.winner.examination.conclusion import measure_winner, train_winner
from service.winner.examination.figures import Figures
from service.winner.models.model import Model
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import PoolUnreachableError, WorkerPool
from workers.pools.ray_settings import apply_ray_settings
from workers.train_dev_data import Task
from workers.trial_data import TrialData

TABLE_NAME = "data in memory"
"""The name used instead of a file's."""


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


def table_of(
    features: pl.DataFrame,
    y: NDArray[np.int64] | NDArray[np.float64],
    *,
    class_names: tuple[str, ...],
    said: Mapping[str, SaidColumn],
) -> Table:
    """Put features and target into one table, as a file would have them.

    Columns that are numbers already are read as numbers, also where they count the rows: who hands over a
    column of numbers to learn from wants it learned from. Kinds of text are inferred from the known examples.

    Parameters
    ----------
    features
        Their cells (n_examples rows).
    y
        Class indices, or numbers (n_examples,); none is missing.
    class_names
        Name of each class index; empty in regression.
    said
        What columns hold, by name or pattern; it goes before what a column's type implies.

    Raises
    ------
    BadInputError
        A declaration fits no column.
    """
    names = features.columns
    target_name = _free_name("target", names)
    typed = {
        name: SaidColumn(kind=ColumnKind.NUMERIC)
        for name, dtype in features.schema.items()
        if dtype.is_numeric()
    }
    return Table(
        name=TABLE_NAME,
        frame=features.with_columns(pl.Series(target_name, y)),
        target_name=target_name,
        y=y,
        class_names=class_names,
        task=Task.CLASSIFICATION if class_names else Task.REGRESSION,
        said=typed | said_by_name(said, names, target=target_name, file=TABLE_NAME),
        decimal_comma=False,
        files=(RawTable(Path(TABLE_NAME), features.clear()),),
        file_of_row=np.zeros(len(y), dtype=np.int64),
        row_in_file=np.arange(len(y)),
    )


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
    warnings = _data_warnings_of(table, config, sets, told)
    prepared = prepare_split(table, config, sets, told)
    warn(*_notes_on_data(prepared, warnings))
    check_space_fits(config.space, prepared.train_dev)
    resolved = prepared.resolved(config)
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


def _data_warnings_of(
    table: Table, config: StudyConfig, sets: Split, told: InferredTable
) -> tuple[DataWarning, ...]:
    """Look through a table as `proctor data` does.

    Parameters
    ----------
    table, sets, told
        A table in memory without a test set, split.
    config
        The study.
    """
    said = said_by_name(config.columns, table.frame.columns, target=table.target_name, file=table.name)
    cells = table.features_of(sets.known.rows)
    return describe_data(config, replace(table, said=said), sets, told, cells=cells).warnings


_COLUMNS_LINE = re.compile(
    r'\[columns\] (?P<name>"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+) = (?P<said>"[a-z]+"|\{ missing = \[[^\]]*\] \})'
)


_REMEDIES: Mapping[Concern, str] = {
    Concern.SKEWED_TARGET: "if ratios matter more than differences, learn the logarithm, as"
    " scikit-learn's TransformedTargetRegressor does",
    Concern.DUPLICATES: "if they belong to the same person or thing, name the column that identifies it:"
    ' columns={"...": "group"}',
}
"""Where the command's own cannot be followed from Python."""


def _notes_on_data(prepared: PreparedData, warnings: tuple[DataWarning, ...]) -> tuple[str, ...]:
    """Return each sentence once: the notes of `proctor run`, then what `proctor data` warns of.

    Parameters
    ----------
    prepared
        The data that the study is run on.
    warnings
        Those of the same data.
    """
    left_out = set(prepared.preparations[prepared.first_choices].transformation.dropped)
    left_out |= {each.column.name for each in prepared.told.columns if each.reason}
    noted = (Concern.ID, Concern.CONSTANT)
    others = [it for it in warnings if it.about not in noted or it.column not in left_out]
    return tuple(dict.fromkeys([*prepared.notes, *map(_sentence, others)]))


def _sentence(warning: DataWarning) -> str:
    subject = "" if warning.column is None else f"column {warning.column!r} "
    remedy = _REMEDIES.get(warning.about, warning.remedy)
    remedy = _COLUMNS_LINE.sub(_columns_argument, remedy).replace("--folds ", "folds=")
    return f"{subject}{warning.sentence}; {remedy}"


def _free_name(name: str, taken: list[str]) -> str:
    """Return a name that no column has: this one, or as many underscores after it as it takes."""
    while name in taken:
        name += "_"
    return name


def _columns_argument(line: re.Match[str]) -> str:
    name = line["name"] if line["name"].startswith('"') else f'"{line["name"]}"'
    said = line["said"].replace("{ missing = ", '{"missing": ').replace(" }", "}")
    return f"columns={{{name}: {said}}}"
