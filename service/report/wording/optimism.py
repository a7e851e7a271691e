"""How optimistic a dev figure is that the winner was selected on, in words."""

from service.report.facts.optimism import Optimism
from service.report.wording.metrics import metric_name, metric_text, size_text
from workers.metrics.metric import Metric


def optimism_text(metric: Metric, optimism: Optimism) -> str:
    """Return how optimistic a dev figure is, in the metric's unit where that is known yet."""
    in_errors = f"{optimism.n_standard_errors:.1f} standard errors"
    return in_errors if optimism.size is None else f"{size_text(metric, optimism.size)} ({in_errors})"


def dev_figure_note(study: str, metric: Metric, dev_metric: float, optimism: Optimism) -> str:
    """Return one line on the figure of a study without a test set."""
    return (
        f"{study}: {metric_name(metric)} {metric_text(metric, dev_metric)} is a dev figure that the winner"
        f" was selected on; it is optimistic by about {optimism_text(metric, optimism)}"
    )
