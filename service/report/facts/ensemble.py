"""What was measured of the winner as the average of its seeds, and which of the two is shipped."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

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

    @property
    def n_shipped(self) -> int:
        """Number of networks that predict."""
        return self.n_networks if self.is_shipped else 1


def ensemble_of(stored: Mapping[str, Any] | None, metric: Metric) -> Ensemble | None:
    """Return what is stored of an ensemble; None where there was none.

    Parameters
    ----------
    stored
        As `service.winner.examination.ensemble` wrote it.
    metric
        The study's metric.
    """
    if stored is None:
        return None
    return Ensemble(
        n_networks=stored["n_networks"],
        is_shipped=stored["is_shipped"],
        dev_metric=stored["average"]["dev"][metric],
        mean_dev_metric=stored["mean_dev_metric"],
        single_dev_metric=stored["single"]["dev"][metric],
        average_figures=stored["average"],
        single_figures=stored["single"],
    )
