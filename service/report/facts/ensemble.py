"""What was measured of the winner as the average of its seeds, and which of the two is shipped."""

from pydantic import BaseModel, ConfigDict

from service.winner.examination.ensemble import MeasuredEnsemble
from workers.metrics.metric import Metric


class Ensemble(BaseModel):
    """The average of the networks that the winner's seeds gave, beside its own network."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    n_networks: int
    """Networks that were averaged: the winner's own and those of its confirmation runs."""

    is_shipped: bool
    """Whether the average sits the test set, is exported and predicts; else the winner's own network does."""

    dev_metric: float
    """The study's metric of the average on the dev set."""

    mean_dev_metric: float
    """Mean of the networks' own; the average is shipped where it is no worse."""

    single_dev_metric: float
    """That of the winner's own network; it was selected on it."""

    average_figures: dict[str, dict[str, float]]
    """All metrics of the average, by known set."""

    single_figures: dict[str, dict[str, float]]
    """All metrics of the winner's own network, by known set."""


def ensemble_of(measured: MeasuredEnsemble | None, metric: Metric) -> Ensemble | None:
    """Return what was measured of an ensemble as the report has it; None where there was none.

    Parameters
    ----------
    measured
        What was measured.
    metric
        The study's metric.
    """
    if measured is None:
        return None
    return Ensemble(
        n_networks=measured.n_networks,
        is_shipped=measured.is_shipped,
        dev_metric=measured.average["dev"][metric],
        mean_dev_metric=measured.mean_dev_metric,
        single_dev_metric=measured.single["dev"][metric],
        average_figures=measured.average,
        single_figures=measured.single,
    )
