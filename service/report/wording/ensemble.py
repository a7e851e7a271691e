"""What is said of the winner as the average of its seeds: the dev figures of both, and which is shipped."""

from service.report.facts.ensemble import Ensemble
from service.report.wording.numbers import metric_name, metric_text
from workers.metrics import Metric

WINNER_NETWORK = "winner network"
"""The network of the winner's own seed."""


def average_name(n_networks: int) -> str:
    """Name the average of so many networks."""
    return f"average of {n_networks} seeds"


def ensemble_lines(ensemble: Ensemble, metric: Metric) -> list[str]:
    """Return both dev figures and the choice, a line a fact.

    Parameters
    ----------
    ensemble
        What was measured.
    metric
        The study's metric.
    """
    average = average_name(ensemble.n_networks)
    single, both, mean = (
        metric_text(metric, figure)
        for figure in (ensemble.single_dev_metric, ensemble.dev_metric, ensemble.mean_dev_metric)
    )
    choice = (
        f"the {average} is shipped: it is no worse than its networks' mean, {mean}"
        if ensemble.is_shipped
        else f"the {WINNER_NETWORK} is shipped: the average is worse than its networks' mean, {mean}"
    )
    return [f"dev {metric_name(metric)}: {WINNER_NETWORK} {single}, {average} {both}", choice]
