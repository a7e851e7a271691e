"""What a study learns from, and how it is split: its tables, how they are written, the sets."""

import json
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Number, WholeNumber, YesNo
from service.tables.said_column import MissingWords
from workers.train_dev_data import Task


class MissingTargets(StrEnum):
    """What becomes of rows without a target."""

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
    """What is learned from, and what is predicted."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    table: str = Field(min_length=1)
    """A built-in table (digits, breast_cancer, wine, iris, diabetes) or the path of a file."""

    dev_table: str | None = Field(default=None, min_length=1)
    """A file that the dev set comes from; a part of the table where left out."""

    test_table: str | None = Field(default=None, min_length=1)
    """A file that is the test set; a part of the table, or of the dev table, where left out."""

    target: str | None = None
    """The column to predict; a built-in table has its own."""

    task: Task | None = None
    """Classification or regression; told from the target where left out."""

    missing_target: MissingTargets = MissingTargets.DROP
    """Whether rows without a target are dropped, and counted, or refused."""

    missing: MissingWords = ()
    """Words or numbers, such as "--" or -999, that stand for a missing cell in any column."""

    log_target: YesNo = False
    """Whether a regression learns the logarithm of its target, all above 0; figures stay in its own unit."""

    image_shape: Annotated[
        tuple[int, int, int] | None,
        BeforeValidator(_image_shape, json_schema_input_type=list[WholeNumber] | None),
    ] = None
    """Height, width, channels of the image that the features are, row by row; told from a square number."""

    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """What stands between the cells of a CSV file; told by the file where left out."""

    encoding: str | None = Field(default=None, min_length=1)
    """How the text of a CSV file is written, such as `cp1252`; UTF-8 where left out."""

    decimal_comma: YesNo | None = None
    """Whether the numbers of a CSV file have a comma for a point; told by the file where left out."""

    sheet: str | None = Field(default=None, min_length=1)
    """The sheet of an Excel workbook, by name; the first where left out."""


class EqualRowsRule(StrEnum):
    """What becomes of rows that are equal in every feature."""

    AUTO = "auto"
    TOGETHER = "together"
    APART = "apart"


class TrainDevRule(StrEnum):
    """Whether train rows are set aside as a train-dev set, where dev comes from a file of its own."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class SplitConfig(BaseModel):
    """The sizes of the sets. Columns of the kinds `group` and `time` decide what they are made of."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    dev_fraction: Number | None = Field(default=None, gt=0, lt=1)
    """Share of the examples in the dev set; a fifth, but at most 10,000 examples, where left out."""

    test_fraction: Number | None = Field(default=None, gt=0, lt=1)
    """Share of the examples in the test set; a fifth, but at most 10,000 examples, where left out."""

    no_test: YesNo = False
    """Whether there is no test set: the one figure is then the dev set's, which the winner was chosen by."""

    folds: WholeNumber = Field(default=1, ge=1, le=50)
    """Parts that take turns as the dev set of each trial (cross-validation); 1 is one dev set."""

    repeats: WholeNumber = Field(default=1, ge=1, le=20)
    """How many times the parts are drawn anew."""

    equal_rows: EqualRowsRule = EqualRowsRule.AUTO
    """Whether rows of equal features share a set; `auto`: copies do, rows that agree by chance do not."""

    train_dev: TrainDevRule = TrainDevRule.AUTO
    """Whether a dev table has a train-dev set beside it; `auto`: if its rows differ from the table's."""

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
