"""Which examples are for the train, the dev and the test set."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from search_spaces.contradiction import ContradictionError
from search_spaces.values import Number, WholeNumber, YesNo


class EqualRowsRule(StrEnum):
    """What becomes of rows that are equal in every feature."""

    AUTO = "auto"
    TOGETHER = "together"
    APART = "apart"


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

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.no_test and self.test_fraction is not None:
            raise ContradictionError("without a test set there is no share of one", ("test_fraction",))
        if self.folds > 1 and self.dev_fraction is not None:
            raise ContradictionError("each of the folds is the dev set in turn", ("dev_fraction",))
        if self.folds == 1 and self.repeats > 1:
            raise ContradictionError("what is repeated are folds; say how many", ("repeats",))
        if (self.dev_fraction or 0) + (self.test_fraction or 0) >= 1:
            raise ContradictionError(
                f"no examples are left for the train set, with dev_fraction = {self.dev_fraction:g}",
                ("test_fraction",),
            )
        return self
