"""The data behind the warnings: the known examples of a study, and nothing from its test set."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from search_spaces.hyperparameters import InputChoices
from service.data.checks.column_facts import ColumnFacts
from service.seal.drawing.folds import Fold
from service.tables.column_kinds import ColumnKind
from workers.train_dev_data import Task


@dataclass(frozen=True, slots=True, eq=False)
class KnownData:
    """The known examples, with what was understood of them.

    Attributes
    ----------
    columns
        Facts of all columns but the target.
    values
        The values of those that are learned from, under their names (n_known rows).
    task, class_names
        What is predicted; no names in regression.
    y
        Class indices, int64 (n_known,); or numbers in the target's unit, float64 (n_known,).
    folds
        Train and dev sets; one pair where there is one dev set.
    has_dev_file
        Whether the dev set comes from a file of its own, so that there can be no folds.
    do_rows_agree_by_chance
        Whether rows that are equal in every feature are independent records.
    choices
        All choices of inputs that the search space may ask for.
    learns_logarithm
        Whether the study learns the logarithm of its target.
    seed
        The study's.
    units
        Numbers that examples share which came as one (n_known,); None where each came by itself.
    """

    columns: tuple[ColumnFacts, ...]
    values: pl.DataFrame
    task: Task
    class_names: tuple[str, ...]
    y: NDArray[np.int64] | NDArray[np.float64]
    folds: tuple[Fold, ...]
    has_dev_file: bool
    do_rows_agree_by_chance: bool
    choices: tuple[InputChoices, ...]
    learns_logarithm: bool
    seed: int
    units: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        """Return the number of known examples."""
        return len(self.y)

    def column_of(self, kind: ColumnKind) -> str | None:
        """Return the name of the first column of a kind; None where there is none."""
        return next((column.name for column in self.columns if column.kind is kind), None)
