"""How a study's data are read, before any training: files, columns, sets, classes, and what to see to.

Of the test set only its size is reported: its cells are not looked at.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig
from service.data.checks.column_facts import ColumnFacts, TrainSet, column_facts, column_inputs
from service.data.checks.column_warnings import (
    code_like,
    constant_columns,
    group_like,
    heavy_tails,
    id_like,
    many_categories,
    sentinels,
    unused_dates,
)
from service.data.checks.data_warning import DataWarning, KnownData
from service.data.checks.leaks import leaks, near_duplicates
from service.data.checks.target_warnings import (
    rare_classes,
    similar_classes,
    skewed_target,
    skewness,
    small_dev_set,
)
from service.data.inputs.target_statistics import Targets
from service.data.preparation.prepared_data import choices_by_split, read_and_split, searched_choices
from service.seal.split_decisions import EqualRows, Meeting, TrainDevDecision
from service.seal.splits import Split
from service.tables.column_inference import InferredTable
from service.tables.column_kinds import ColumnKind
from service.tables.table import Table
from workers.train_dev_data import Task


class FileRole(StrEnum):
    """What a file is for, by its key in a study file."""

    TABLE = "table"
    DEV_TABLE = "dev_table"
    TEST_TABLE = "test_table"


class FileFacts(BaseModel):
    """One file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: str
    """Its path, or a built-in table's name."""

    role: FileRole
    """What it is for."""

    n_examples: int
    """Its rows that have a target."""

    delimiter: str | None
    """Delimiter of a CSV file; null for other formats."""

    encoding: str | None
    """How the text of a CSV file is written; null for other formats."""

    decimal_comma: bool
    """Whether its numbers have a comma for a point."""

    skipped_lines: int = 0
    """Lines of a CSV file before its header that are no part of the table: comments, a title, `sep=;`."""

    sheet: str | None = None
    """The sheet of an Excel workbook; null for other formats."""


def file_facts(table: Table, data: DataConfig) -> tuple[FileFacts, ...]:
    """Describe each file without its cells."""
    roles = [FileRole.TABLE]
    roles += [FileRole.DEV_TABLE] * (data.dev_table is not None)
    roles += [FileRole.TEST_TABLE] * (data.test_table is not None)
    counts = np.bincount(table.file_of_row, minlength=len(table.files)).tolist()
    return tuple(
        FileFacts(
            path=str(file.path),
            role=role,
            n_examples=count,
            delimiter=file.delimiter,
            encoding=(file.encoding or "utf-8") if file.is_csv else None,
            decimal_comma=file.decimal_comma,
            skipped_lines=file.preamble.n_lines,
            sheet=file.sheet,
        )
        for file, role, count in zip(table.files, roles, counts, strict=True)
    )


_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class NumbersFacts(BaseModel):
    """A regression's target among the known examples, in its unit."""

    model_config = _VALUE_OBJECT

    low: float
    """The least."""

    median: float
    """The middle one."""

    high: float
    """The greatest."""

    skewness: float
    """Third standardised moment; 0 where it is symmetric."""

    has_logarithm: bool
    """Whether all are above 0."""


class DataCheck(BaseModel):
    """Everything that is reported about a study's data."""

    model_config = _VALUE_OBJECT

    version: Literal[1] = 1
    """Version of these fields' names and meanings."""

    files: tuple[FileFacts, ...]
    """Where the examples come from."""

    task: Task
    """The task: a class or a number is predicted."""

    target: str
    """The column that it is."""

    n_examples: dict[str, int]
    """Examples by set; with folds, `train` is all but the test set."""

    n_folds: int
    """Trainings of a trial; 1 where there is one dev set."""

    split_by: str | None
    """The column of groups or times that decides who is in which set; null where each row stands alone."""

    n_without_target: int
    """Rows that are left out, as they have no target."""

    equal_rows: EqualRows
    """The decision about rows that equal another one in every feature."""

    train_dev: TrainDevDecision | None
    """The decision about a train-dev set; null if the dev set has no file of its own."""

    notes: tuple[str, ...]
    """What to know of how the target was understood, and of the split, both of these among it."""

    class_counts: dict[str, int]
    """Known examples by class; empty in regression."""

    numbers: NumbersFacts | None
    """The target of a regression; null in classification."""

    columns: tuple[ColumnFacts, ...]
    """All but the target, in the table's order."""

    warnings: tuple[DataWarning, ...]
    """What to see to."""


def check_data(config: StudyConfig) -> DataCheck:
    """Read a study's data and return what was understood; nothing is written, nothing trained.

    Raises
    ------
    BadInputError
        When there is no such table, or it is not one that can be learned from.
    """
    table, split, told = read_and_split(config)
    cells = table.features_of(split.known.rows)
    return describe_data(config, replace(table.without_cells(), y=table.y[:0]), split, told, cells=cells)


def describe_data(
    config: StudyConfig, table: Table, split: Split, told: InferredTable, *, cells: Iterable[pl.Series]
) -> DataCheck:
    """Tell what was understood of data that are read and split.

    Parameters
    ----------
    config
        The study.
    table
        Where the examples come from; neither its cells nor its targets are read: the test set's are there.
    split
        The sets.
    told
        What the columns of the known examples hold.
    cells
        Theirs, a column after another, without the target's.
    """
    known = split.known
    first = split.folds[0]
    choices = searched_choices(config, split)
    train = TrainSet(told.values[first.train], Targets(known.y[first.train], len(split.class_names)))
    first_choices = choices_by_split(choices[0], told)
    inputs = column_inputs(train, told.learned_from, choices=first_choices, seed=config.seed)
    facts = column_facts(cells, told, said=table.kinds, inputs=inputs)
    data = KnownData(
        columns=facts,
        values=told.values,
        task=split.task,
        class_names=split.class_names,
        y=known.y,
        folds=split.folds,
        has_dev_file=config.data.dev_table is not None,
        do_rows_agree_by_chance=split.equal_rows.meeting is Meeting.CHANCE,
        choices=choices,
        seed=config.seed,
        units=known.units,
    )
    return DataCheck(
        files=file_facts(table, config.data),
        task=split.task,
        target=table.target_name,
        n_examples=split.n_examples,
        n_folds=len(split.folds),
        split_by=data.column_of(ColumnKind.GROUP) or data.column_of(ColumnKind.TIME),
        n_without_target=table.n_without_target,
        equal_rows=split.equal_rows,
        train_dev=split.train_dev_decision,
        notes=table.target_notes + split.notes,
        class_counts={name: int((known.y == index).sum()) for index, name in enumerate(split.class_names)},
        numbers=None if split.class_names else _numbers(known.y.astype(np.float64)),
        columns=facts,
        warnings=_data_warnings(data),
    )


def _numbers(y: NDArray[np.float64]) -> NumbersFacts:
    return NumbersFacts(
        low=float(y.min()),
        median=float(np.median(y)),
        high=float(y.max()),
        skewness=skewness(y),
        has_logarithm=bool((y > 0).all()),
    )


WARNINGS: tuple[Callable[[KnownData], Iterator[DataWarning]], ...] = (
    leaks,
    near_duplicates,
    similar_classes,
    group_like,
    unused_dates,
    id_like,
    sentinels,
    code_like,
    small_dev_set,
    rare_classes,
    skewed_target,
    heavy_tails,
    many_categories,
    constant_columns,
)


def _data_warnings(data: KnownData) -> tuple[DataWarning, ...]:
    """Look through the known examples; of the test set nothing is there to be looked at."""
    return tuple(warning for warnings in WARNINGS for warning in warnings(data))
