"""Where the winner errs on the dev set, as values that are kept with the study and shown in reports."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ExampleLoss(StrEnum):
    """What an example costs, after the study's metric; `LOSS_OF` has the rule."""

    ERROR = "error"
    """1 where the label is not the class, else 0."""

    BALANCED_ERROR = "balanced_error"
    """The same, in means that weigh the dev set's classes alike."""

    LOG_LOSS = "log_loss"
    """-log of the probability of its own class (nats)."""

    SQUARED_ERROR = "squared_error"
    """The residual's square, in the target's unit squared."""

    ABSOLUTE_ERROR = "absolute_error"
    """The residual's size, in the target's unit."""


class SliceKind(StrEnum):
    """What the examples of a slice have in common."""

    CLASS = "class"
    """Their true class."""

    VALUE = "value"
    """A category, a truth value, or a number or date of a column that has few of them."""

    RANGE = "range"
    """A quarter of a column's numbers or dates."""

    MISSING = "missing"
    """A column has nothing."""


class Confusion(BaseModel):
    """How many dev examples of each class were predicted as each."""

    model_config = _VALUE_OBJECT

    classes: tuple[str, ...]
    """Names of the classes, in their order; the most frequent ones alone where there are many."""

    counts: tuple[tuple[int, ...], ...]
    """By true class, then by predicted class."""

    n_left_out: int
    """Dev examples whose class, or predicted class, is not among `classes`."""


class Residuals(BaseModel):
    """Predicted beside actual numbers of dev examples, in the target's unit."""

    model_config = _VALUE_OBJECT

    points: tuple[tuple[float, float], ...]
    """Actual and predicted; of many examples some, drawn by lot."""

    quantiles: dict[str, float]
    """Of predicted less actual, over all examples: `5 %`, `25 %`, `50 %`, `75 %`, `95 %`."""


class CalibrationBin(BaseModel):
    """Dev examples with about the same predicted probability, or number."""

    model_config = _VALUE_OBJECT

    predicted: float
    """Their mean probability of `calibrated_class` (fraction); in regression their mean prediction."""

    actual: float
    """Share of them that are of that class (fraction); in regression their targets' mean."""

    standard_error: float
    """Of `actual`, given what was predicted."""

    n_examples: int


class Slice(BaseModel):
    """Dev examples that have something in common, and how much worse they are done than the others."""

    model_config = _VALUE_OBJECT

    column: str
    """What slices are made by: a column, or the target if they are classes."""

    kind: SliceKind

    values: str
    """What the slice has there, in words: a class, a category, `low to high`, `missing`."""

    n_examples: int
    mean_loss: float
    """Mean loss of its examples."""

    others_mean_loss: float
    """Of all other dev examples."""

    standard_error: float
    """Of the difference of the two."""

    share_of_loss: float
    """Share of the dev set's whole loss that lies in it (fraction)."""

    is_clear: bool
    """Whether it is worse beyond chance, as many slices as were looked at considered."""


class WorstExample(BaseModel):
    """A dev example that the winner got most wrong."""

    model_config = _VALUE_OBJECT

    row: int
    """Its row in its file: the first one below the header is 1."""

    file: str
    """Name of the file, or of the built-in table."""

    actual: str
    predicted: str
    loss: float
    """Its log loss (nats), or the size of its residual in the target's unit."""

    cells: dict[str, str | None] = {}
    """Some of its cells by column, ids and its group first; null where one is missing. Empty with
    `no_row_cells`."""


class DevAnalysis(BaseModel):
    """Where the winner errs on the dev set; not available where folds take turns as dev set."""

    model_config = _VALUE_OBJECT

    n_examples: int
    """Dev examples that were looked at."""

    n_dev: int
    """All of the dev set; where they are more, those that were looked at were drawn by lot."""

    confusion: Confusion | None
    """None in regression."""

    residuals: Residuals | None
    """None in classification."""

    calibration: tuple[CalibrationBin, ...]
    """From the lowest probability, or predicted number, to the highest."""

    calibrated_class: str | None
    """The rarer of two classes; None where it is each example's most probable one, and in regression."""

    loss: ExampleLoss
    """What slices are compared by."""

    n_slices: int
    """Slices that were looked at."""

    n_columns_left_out: int
    """Columns that were not sliced by, as there are too many; those of pixels never are."""

    slices: tuple[Slice, ...]
    """Some that are worse than the rest: first those that are clear, then by how much loss they add."""

    worst_examples: tuple[WorstExample, ...]
    """The worst first, 20 at most."""
