"""What a study learns from: its table or tables, how they are written, and what is predicted."""

import json
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from search_spaces.contradiction import ContradictionError
from search_spaces.values import WholeNumber, YesNo
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
            "expected height, width and channels, whole numbers of at least 1 such as [28, 28, 1],"
            f" found {shown}"
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
