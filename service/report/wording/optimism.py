"""What is said of a dev figure that was selected on: by how much it flatters."""

from service.report.facts.optimism import Optimism
from service.report.wording.metrics import metric_name, metric_text, size_text
from workers.metrics.metric import Metric


def optimism_text(metric: Metric, optimism: Optimism) -> str:
    """Return how much a dev figure flatters, in the metric's unit where that is known yet."""
    in_errors = f"{optimism.n_standard_errors:.1f} standard errors"
    return in_errors if optimism.size is None else f"{size_text(metric, optimism.size)} ({in_errors})"


def dev_figure_note(study: str, metric: Metric, dev_metric: float, optimism: Optimism) -> str:
    """Return one line on the figure of a study without a test set."""
    return (
        f"{study}: {metric_name(metric)} {metric_text(metric, dev_metric)} is a dev figure, selected on; it"
        f" flatters by about {optimism_text(metric, optimism)}"
    )
