"""All that decides a study's result: its data, budget, search. Kept with the study, for resuming it.

Where a study runs (storage, workers, cluster) has no place here: see `service.configuration.launch_config`.
"""

import re
from enum import StrEnum
from pathlib import PurePath
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.derivation import derived_space
from search_spaces.space import SearchSpace
from search_spaces.values import Number, WholeNumber, found
from service.errors import BadInputError
from workers.train_dev_data import Task

DEFAULT_SPACE = "default"
"""Name of the built-in search space of a study that names none."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class SamplerName(StrEnum):
    """How the next point is chosen."""

    TPE = "tpe"
    RANDOM = "random"


class PrunerName(StrEnum):
    """How a trial without prospects is ended early."""

    SUCCESSIVE_HALVING = "successive-halving"
    NONE = "none"


class DataConfig(BaseModel):
    """What is learned from, and what is predicted."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    table: str = Field(min_length=1)
    """A built-in table (digits, breast_cancer, wine, iris, diabetes) or the path of a CSV file."""

    target: str | None = None
    """The column to predict; a built-in table has its own."""

    task: Task | None = None
    """Classification or regression; told from the target where left out."""


class TrainingConfig(BaseModel):
    """How long a trial trains."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    max_epochs: WholeNumber = Field(default=60, ge=1)
    """The most passes over the train set."""

    patience: WholeNumber = Field(default=10, ge=1)
    """Epochs without improvement on the dev set before a trial stops early."""


class PrunerConfig(BaseModel):
    """How a trial without prospects is ended early."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    kind: PrunerName = PrunerName.SUCCESSIVE_HALVING
    """Which rule ends it."""

    reduction_factor: WholeNumber = Field(default=3, ge=2)
    """Of this many trials at a rung one goes on."""


class StudyConfig(BaseModel):
    """One study, frozen: the same configuration gives the same trials, winner and figures.

    Raises
    ------
    pydantic.ValidationError
        An unknown key, a value of the wrong type or outside its range, a contradiction in the space.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    name: str
    """The study's name in its storage; the table's name where left out."""

    seed: WholeNumber = Field(default=0, ge=0)
    """Source of all the study's randomness: split, search, training."""

    trials: WholeNumber = Field(default=50, ge=1)
    """How many points are tried."""

    concurrency: WholeNumber | None = Field(default=None, ge=1)
    """Trials that virtually run at once; left out: twice the workers, at least 4."""

    bayes_error: Number = Field(default=0.0, ge=0)
    """The best error anyone could reach: a fraction; in regression an RMSE."""

    sampler: SamplerName = SamplerName.TPE
    """How the next point is chosen: TPE learns from earlier trials, random does not."""

    space: Annotated[SearchSpace, BeforeValidator(derived_space)] = Field(
        default_factory=lambda: SearchSpace.model_validate(derived_space(DEFAULT_SPACE))
    )
    """What is searched: a built-in space's name, or a table of dimensions with an optional base."""

    data: DataConfig
    """What is learned from, and what is predicted."""

    training: TrainingConfig = TrainingConfig()
    """How long a trial trains."""

    pruner: PrunerConfig = PrunerConfig()
    """How a trial without prospects is ended early."""

    @model_validator(mode="before")
    @classmethod
    def _named_after_its_table(cls, written: object) -> object:
        if not isinstance(written, dict) or "name" in written:
            return written
        data = written.get("data")
        table = data.get("table") if isinstance(data, dict) else getattr(data, "table", None)
        return {"name": default_name(table) if isinstance(table, str) else "study", **written}

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if not _NAME.fullmatch(self.name):
            raise ContradictionError(
                "expected at most 64 letters, digits, '-', '_' or '.', the first a letter or a digit,"
                f" found {found(self.name)}",
                ("name",),
            )
        if self.data.task == Task.CLASSIFICATION and self.bayes_error >= 1:
            raise ContradictionError(
                f"in classification expected a fraction below 1, found {self.bayes_error:g}", ("bayes_error",)
            )
        return self


def default_name(table: str) -> str:
    """Name a study after its table: `digits`, or the file's name without its ending."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", PurePath(table).stem).strip("-_.")
    return name[:64] or "study"


def resolve(config: StudyConfig, *, workers: int, task: Task) -> StudyConfig:
    """Fix what a new study leaves open, before it is kept: its concurrency and its task.

    Parameters
    ----------
    config
        The study as the user wrote it.
    workers
        Workers at the study's creation; a resumed study keeps the concurrency it began with.
    task
        What the target told, or the user said.

    Raises
    ------
    BadInputError
        A Bayes error of 1 or more in classification.
    """
    if task == Task.CLASSIFICATION and config.bayes_error >= 1:
        raise BadInputError(
            f"bayes_error: in classification expected a fraction below 1, found {config.bayes_error:g}"
        )
    concurrency = config.concurrency or max(4, 2 * workers)
    return config.model_copy(
        update={"concurrency": concurrency, "data": config.data.model_copy(update={"task": task})}
    )
