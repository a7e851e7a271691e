"""What a study learns from, and how it is split: its tables, how they are written, the sets."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Number, WholeNumber, YesNo
from service.tables.said_column import MissingWords
from workers.train_dev_data import Task


class MissingTargets(StrEnum):
    """What to do with rows without a target."""

    DROP = "drop"
    REFUSE = "refuse"


def _image_shape(written: object) -> object:
    """Let two numbers stand for a gray image.

    Raises
    ------
    ContradictionError
        Neither two nor three whole numbers of at least 1.
    """
    if written is None:
        return None
    numbers = list(written) if isinstance(written, list | tuple) else []
    whole = all(isinstance(number, int) and not isinstance(number, bool) and number > 0 for number in numbers)
    if len(numbers) not in (2, 3) or not whole:
        shown = json.dumps(written, default=str)[:60]
        raise ContradictionError(
            f"expected height, width and channels, whole numbers of at least 1 such as [28, 28, 1], got"
            f" {shown}"
        )
    return (*numbers, 1)[:3]


class DataConfig(BaseModel):
    """The table to learn from, and the target to predict."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    table: str = Field(min_length=1)
    """A built-in table (digits, breast_cancer, wine, iris, diabetes) or the path of a file."""

    dev_table: str | None = Field(default=None, min_length=1)
    """File with the dev set; by default the dev set is split from the table."""

    test_table: str | None = Field(default=None, min_length=1)
    """File with the test set; by default the test set is split from the table, or from the dev table."""

    target: str | None = None
    """Column to predict; a built-in table has its own."""

    task: Task | None = None
    """Classification or regression; by default inferred from the target."""

    missing_target: MissingTargets = MissingTargets.DROP
    """Whether to drop and count rows without a target, or to refuse them."""

    missing: MissingWords = ()
    """Words or numbers, such as "--" or -999, that mean a missing cell in any column."""

    log_target: YesNo | None = None
    """Whether a regression learns its target's logarithm (all above 0); by default `target_scale` says."""

    image_shape: Annotated[
        tuple[int, int, int] | None,
        BeforeValidator(_image_shape, json_schema_input_type=list[WholeNumber] | None),
    ] = None
    """Height, width and channels of the image in the features, row by row; square by default."""

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Delimiter of a CSV file; by default detected from the file."""

    encoding: str | None = Field(default=None, min_length=1)
    """Encoding of a CSV file, such as `cp1252`; UTF-8 by default."""

    decimal_comma: YesNo | None = None
    """Whether numbers in a CSV file have a decimal comma; by default detected from the file."""

    sheet: str | None = Field(default=None, min_length=1)
    """Sheet to read from an Excel workbook; the first by default."""

    def files(self) -> dict[str, Path]:
        """Return the paths of the tables that are files, by their keys; they are absolute once read."""
        named = {"table": self.table, "dev_table": self.dev_table, "test_table": self.test_table}
        return {key: Path(name) for key, name in named.items() if name is not None and "/" in name}

    def with_moved_files(self) -> Self:
        """Take a table that is not where it was from the working directory, where there is one of its name.

        A study goes on on another machine, too. Its rows are compared with those that it began with.
        """
        moved = {key: Path(path.name).absolute() for key, path in self.files().items() if not path.exists()}
        return self.model_copy(update={key: f"{here}" for key, here in moved.items() if here.is_file()})


class EqualRowsRule(StrEnum):
    """How to split rows that are equal in every feature."""

    AUTO = "auto"
    TOGETHER = "together"
    APART = "apart"


class TrainDevRule(StrEnum):
    """Whether to set train rows aside as a train-dev set, if the dev set has a file of its own."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class SplitConfig(BaseModel):
    """The sizes of the sets. Columns of kind `group` or `time` decide which rows go together."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    dev_fraction: Number | None = Field(default=None, gt=0, lt=1)
    """Fraction of the examples in the dev set; by default a fifth, but at most 10,000 examples."""

    test_fraction: Number | None = Field(default=None, gt=0, lt=1)
    """Fraction of the examples in the test set; by default a fifth, but at most 10,000 examples."""

    no_test: YesNo = False
    """Whether to have no test set; the only figure is then that of the dev set, which chose the winner."""

    folds: WholeNumber = Field(default=1, ge=1, le=50)
    """Number of folds that take turns as the dev set (cross-validation); 1 is a single dev set."""

    repeats: WholeNumber = Field(default=1, ge=1, le=20)
    """How many times to draw the folds."""

    equal_rows: EqualRowsRule = EqualRowsRule.AUTO
    """Whether rows with equal features share a set; `auto`: copies do, rows that agree by chance do not."""

    train_dev: TrainDevRule = TrainDevRule.AUTO
    """Whether to set aside a train-dev set for a dev table; `auto`: if its rows differ from the table's."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.no_test and self.test_fraction is not None:
            raise ContradictionError("cannot be used with no_test: there is no test set", ("test_fraction",))
        if self.folds > 1 and self.dev_fraction is not None:
            raise ContradictionError(
                "cannot be used with folds: each fold is the dev set in turn", ("dev_fraction",)
            )
        if self.folds == 1 and self.repeats > 1:
            raise ContradictionError("needs folds: set how many in folds", ("repeats",))
        if (self.dev_fraction or 0) + (self.test_fraction or 0) >= 1:
            raise ContradictionError(
                f"no examples are left for the train set, with dev_fraction = {self.dev_fraction:g}",
                ("test_fraction",),
            )
        return self
