"""How the winner's figure falls with the number of train examples, as a value kept with the study."""

from pydantic import BaseModel, ConfigDict

from workers.metrics.metric import Metric

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class CurvePoint(BaseModel):
    """The winner's hyperparameters trained on a part of the train set; figures are the study's metric."""

    model_config = _VALUE_OBJECT

    n_examples: int
    """Train examples; where groups are kept whole, the mean of the seeds'."""

    dev_figures: tuple[float, ...]
    """On the whole dev set, one a seed, each with a draw of train examples; all are one draw."""

    mean: float
    standard_error: float
    """Of the mean, by how the seeds differ."""

    n_failed: int
    """Trainings that broke off; they have no figure."""


class LeftOut(BaseModel):
    """A part of the train set that there is no point for."""

    model_config = _VALUE_OBJECT

    n_examples: int
    reason: str


class Forecast(BaseModel):
    """What more train examples would bring, by the fitted curve."""

    model_config = _VALUE_OBJECT

    factor: float
    """So many times the train examples that there are."""

    n_examples: int
    figure: float
    """Expected of the study's metric on the dev set."""

    interval: tuple[float, float]
    """Of 95 %, from the lower to the higher: of the expected figure on new examples, by the curve."""


class PowerLaw(BaseModel):
    """badness(n) = floor + scale * n ** -exponent, fitted to the points."""

    model_config = _VALUE_OBJECT

    floor: float
    """What no number of examples would go below, as a badness."""

    scale: float
    exponent: float
    exponent_interval: tuple[float, float]
    """Of 95 %."""


class LearningCurve(BaseModel):
    """The winner's figure by the number of train examples, and what more of them would bring."""

    model_config = _VALUE_OBJECT

    trial: int
    """Whose hyperparameters they are."""

    metric: Metric
    """The study's, which all figures are of."""

    points: tuple[CurvePoint, ...]
    """From the fewest examples to all; those that a figure could be had of."""

    left_out: tuple[LeftOut, ...]
    """Parts of the train set that were too small, or whose trainings broke off."""

    dev_standard_error: float | None
    """Of the figure with the most examples, for want of dev examples; None without a point."""

    fit: PowerLaw | None
    """None where the points show no fall beyond chance."""

    why_not: str | None
    """Why there is no fit; None where there is."""

    forecasts: tuple[Forecast, ...]
    """For twice and ten times the examples; none without a fit."""

    flat_from: int | None
    """Train examples from which on doubling them gains less than two dev standard errors; None without a fit,
    and where it would be more than a hundred times the examples."""
