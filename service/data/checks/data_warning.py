"""A warning about a study's data, and the data that warnings are looked for in.

A warning is one thing to see to before a study: what it is, where, and what to do about it. It is found in
the known examples, and nothing of the test set is there to be looked at.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from search_spaces.input_choices import InputChoices
from service.data.checks.column_facts import ColumnFacts
from service.seal.assignment import Fold
from service.tables.column_kinds import ColumnKind
from service.tables.said_column import toml_key
from workers.train_dev_data import Task


class Concern(StrEnum):
    """What a warning is about."""

    LEAK = "leak"
    ID = "id"
    CONSTANT = "constant"
    HEAVY_TAIL = "heavy tail"
    SENTINEL = "sentinel"
    CODES = "codes"
    CATEGORIES = "categories"
    DATE = "date"
    GROUP = "group"
    RARE_CLASS = "rare class"
    SIMILAR_CLASSES = "similar classes"
    SKEWED_TARGET = "skewed target"
    DUPLICATES = "duplicates"
    FEW_DEV_EXAMPLES = "few dev examples"


class DataWarning(BaseModel):
    """One thing to see to."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    about: Concern
    """What it is."""

    column: str | None
    """The column, where it is about one."""

    sentence: str
    """What was found."""

    remedy: str
    """What to do about it; a line for the study file has the name of its table before it, in brackets."""


def columns_line(column: str, *kinds: ColumnKind) -> str:
    """Write the line of a study file that declares a column's kind, or what it may be.

    What a pattern would read as a wildcard is kept, as a name goes before a pattern.
    """
    return f"[columns] {toml_key(column)} = " + " or ".join(f'"{kind}"' for kind in kinds)


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
        All choices of inputs and targets that the search may ask for.
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
    seed: int
    units: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        """Return the number of known examples."""
        return len(self.y)

    def column_of(self, kind: ColumnKind) -> str | None:
        """Return the name of the first column of a kind; None where there is none."""
        return next((column.name for column in self.columns if column.kind is kind), None)
