"""How the winner's figure falls with the number of train examples, as a value kept with the study."""

from pydantic import BaseModel, ConfigDict

_VALUE_OBJECT = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class CurvePoint(BaseModel):
    """The winner's hyperparameters trained on a part of the train set; figures are the study's metric."""

    model_config = _VALUE_OBJECT

    n_examples: int
    """Train examples."""

    dev_figures: tuple[float, ...]
    """On the whole dev set, one a seed, each with train examples of its own."""

    mean: float
    standard_error: float
    """Of the mean, by how the seeds differ."""

    n_failed: int
    """Trainings that broke off; they have no figure."""


class Forecast(BaseModel):
    """What more train examples would bring, by the fitted curve."""

    model_config = _VALUE_OBJECT

    factor: float
    """So many times the train examples that there are."""

    n_examples: int
    figure: float
    """Expected of the study's metric on the dev set."""

    interval: tuple[float, float]
    """Of 95 %, from the lower to the higher."""


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

    points: tuple[CurvePoint, ...]
    """From the fewest examples to all."""

    fit: PowerLaw | None
    """None where the points show no fall beyond chance."""

    why_not: str | None
    """Why there is no fit; None where there is."""

    forecasts: tuple[Forecast, ...]
    """For twice and ten times the examples; none without a fit."""

    flat_from: int | None
    """Train examples from which on doubling them gains less than dev shows; None where unknown."""
