"""One validated point of a search space of linear models."""

from typing import ClassVar

from pydantic import Field

from search_spaces.input_choices import (
    DateEncoding,
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
)
from search_spaces.point import Point


class LinearPoint(Point):
    """One point of a search space of linear models, frozen: logistic regressions, or regressions of numbers.

    The whole fit is one epoch.

    Raises
    ------
    pydantic.ValidationError
        A value outside its range, of another type, or a name that is no hyperparameter.
    """

    kind: ClassVar[str] = "linear"

    strength: float = Field(default=1.0, gt=0)
    """Strength of regularization: lambda, which adds (lambda / m) * (l1_ratio * sum |w| + (1 - l1_ratio) / 2
    * sum w**2) to the mean log loss or to half the mean squared error, m the number of train examples."""

    l1_ratio: float = Field(default=0.0, ge=0, le=1)
    """Share of L1 in the regularization: from 0, a ridge, to 1, the lasso."""

    class_balance: float = Field(default=0.0, ge=0, le=1)
    """How much more rare classes count in training: an example by (1 / its class's share) to this power."""

    numeric_scaling: NumericScaling = NumericScaling.STANDARD
    """Scale of numeric columns: deviations from the mean, quartile ranges from the median, or ranks."""

    numeric_encoding: NumericEncoding = NumericEncoding.PLAIN
    """Inputs of a numeric column: its scaled value, or how far it has come through each of its bins."""

    high_cardinality_encoding: HighCardinalityEncoding = HighCardinalityEncoding.HASHING
    """Inputs of a column with too many categories for one each: a hash, or the target's mean by category."""

    date_encoding: DateEncoding = DateEncoding.PLAIN
    """Inputs of a date: season, weekday and hour as circles; finer shapes of these; or those and each day."""

    @property
    def input_choices(self) -> InputChoices:
        """The values that decide which inputs are made from a table's columns, and which targets."""
        return InputChoices(
            self.numeric_scaling,
            self.numeric_encoding,
            self.high_cardinality_encoding,
            self.date_encoding,
            target_scale=self.target_scale,
        )
