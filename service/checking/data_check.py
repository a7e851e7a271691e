"""What was understood of a study's data, before any training: columns, sets, classes, and what to see to.

Of the test set its size alone is told: its cells are not looked at.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.checking.column_facts import ColumnFacts, column_facts
from service.checking.data_warnings import DataWarning, data_warnings
from service.configuration.study_config import StudyConfig
from service.preparation.prepared_data import read_and_split
from workers.train_dev_data import Task


class NumbersFacts(BaseModel):
    """A regression's target among the known examples, in its unit."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

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
    """All that is told of a study's data."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    version: Literal[1] = 1
    """Version of these fields' names and meanings."""

    files: tuple[str, ...]
    """Where the examples come from."""

    task: Task
    """What is predicted: a class, or a number."""

    target: str
    """The column that it is."""

    n_examples: dict[str, int]
    """Examples by set; with folds, `train` is all but the test set."""

    n_folds: int
    """Trainings of a trial; 1 where there is one dev set."""

    n_without_target: int
    """Rows that are left out, as they have no target."""

    notes: tuple[str, ...]
    """What to know of the split."""

    class_counts: dict[str, int]
    """Known examples by class; empty in regression."""

    numbers: NumbersFacts | None
    """The target of a regression; null in classification."""

    columns: tuple[ColumnFacts, ...]
    """All but the target, in the table's order."""

    warnings: tuple[DataWarning, ...]
    """What to see to."""


def check_data(config: StudyConfig) -> DataCheck:
    """Read a study's data and tell what was understood; nothing is written, nothing trained.

    Raises
    ------
    BadInputError
        When there is no such table, or it is not one that can be learned from.
    """
    table, split, told = read_and_split(config)
    known = split.known
    facts = column_facts(known.frame, told, said=table.kinds)
    class_counts = {name: int((known.y == index).sum()) for index, name in enumerate(split.class_names)}
    return DataCheck(
        files=tuple(str(file.path) for file in table.files),
        task=split.task,
        target=table.target_name,
        n_examples=split.n_examples,
        n_folds=len(split.folds),
        n_without_target=table.n_without_target,
        notes=split.notes,
        class_counts=class_counts,
        numbers=None if split.class_names else _numbers(known.y.astype(np.float64)),
        columns=facts,
        warnings=data_warnings(facts, told, split, class_counts=class_counts, seed=config.seed),
    )


def _numbers(y: NDArray[np.float64]) -> NumbersFacts:
    scale = float(np.abs(y).max()) or 1.0
    z = y / scale - (y / scale).mean()
    deviation = float(z.std())
    return NumbersFacts(
        low=float(y.min()),
        median=float(np.median(y)),
        high=float(y.max()),
        skewness=float((z**3).mean() / deviation**3) if deviation > 0 else 0.0,
        has_logarithm=bool((y > 0).all()),
    )
