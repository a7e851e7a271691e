"""The noise floor as a value: a range for the best figure that anyone could reach, and what it rests on.

Beside it, whether anything was learned: the winner beside the best constant, with its luck taken off.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from service.uncertainty.interval import N_STANDARD_ERRORS
from workers.metrics.metric import Metric

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

STILL = 0.25
"""A gap that more rows would close shrinks by at least this fraction when the train rows are doubled."""


class Source(StrEnum):
    """What a floor from below rests on."""

    EQUAL_ROWS = "equal rows"
    NEAREST_ROWS = "nearest rows"


class FloorBelow(BaseModel):
    """A figure that nobody is expected to beat."""

    model_config = _VALUE_OBJECT

    source: Source
    figure: float
    """The metric's value: the estimate, less two standard errors."""

    n_rows: int
    """Rows that it rests on."""


class ModelLevel(BaseModel):
    """What a model reaches on rows that it was not fitted on: nobody's best is worse than that."""

    model_config = _VALUE_OBJECT

    model: str
    """What the winner is, such as `network`; `logistic regression` or `ridge regression`, `boosted trees`,
    `nearest neighbors`, or the constant: `majority class` or `mean`."""

    is_winner: bool = False
    """Whether it is the winner, whose figure is here without what being chosen by it flatters it."""

    figure: float
    """The metric's value."""

    standard_error: float

    gain_by_doubling: float | None = None
    """By how much it is better than the same model fitted on half of the rows; None where not known."""

    gain_standard_error: float | None = None
    """Of that difference, paired by example."""


class NoiseFloor(BaseModel):
    """The range of the best figure that anyone could reach with these features.

    From above it is a fact, but for chance: a model reaches it. From below it is a fact only where rows are
    equal; near rows say as much where the target changes evenly between them.
    """

    model_config = _VALUE_OBJECT

    metric: Metric
    lowest: float
    """The best that nothing rules out: the metric's perfect value where nothing does."""

    highest: float
    """What the best is no worse than, but for chance: a model's figure and two standard errors, the best of
    these."""

    reached: ModelLevel
    """The best that a model reaches."""

    below: tuple[FloorBelow, ...]
    """What rules out better figures, the worst figure first; none where nothing does."""

    models: tuple[ModelLevel, ...]
    """All models, the best one first."""

    n_train: int
    """Train rows that they were fitted on: not all where there are very many."""

    def may_grow_with_rows(self, gap: float) -> bool:
        """Tell whether more rows like these may close a gap of that size.

        They may unless noise shows from below, and all kinds of models stand still: for none of them can
        doubling the rows have gained a quarter of the gap.

        Parameters
        ----------
        gap
            In the metric's unit, above 0.
        """
        most = [
            each.gain_by_doubling + 2 * each.gain_standard_error
            for each in self.models
            if each.gain_by_doubling is not None and each.gain_standard_error is not None
        ]
        return not self.below or not most or max(most) > STILL * gap


class BesideConstant(BaseModel):
    """The winner on the dev set beside naming the commonest class, or the mean."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    constant: str
    """Its name: `majority class` or `mean`."""

    gain: float
    """By how much the winner is better, in the metric's unit."""

    standard_error: float
    """Of that difference, paired by example; over folds the winner's own."""

    flattery: float
    """By how much being chosen on these examples flatters the winner."""

    @property
    def is_beyond_chance(self) -> bool:
        """Whether something was learned: the gain, less the flattery, is beyond two standard errors."""
        return self.gain - self.flattery > N_STANDARD_ERRORS * self.standard_error
