"""How much a dev figure flatters, in words."""

from service.report.facts.optimism import Optimism
from service.report.wording.numbers import size_text
from workers.metrics import Metric


def optimism_text(metric: Metric, optimism: Optimism) -> str:
    """Return how much a dev figure flatters, in the metric's unit where that is known yet."""
    in_errors = f"{optimism.n_standard_errors:.1f} standard errors"
    return in_errors if optimism.size is None else f"{size_text(metric, optimism.size)} ({in_errors})"
