"""The metrics, from their table in `workers.metrics.metric` and the functions that measure them."""

from math import isinf

from docs.generator.docstrings import stated
from docs.generator.markdown import page, table
from service.report.wording.numbers import metric_name
from workers.metrics import classification_metrics, regression_metrics
from workers.metrics.metric import BALANCED, Metric, metrics_of
from workers.train_dev_data import Task

_INTRODUCTION = """
`--metric NAME` (or `metric` in a study file) is what trials are chosen by, on the dev set. `--watch NAME`
is what early stopping and pruning follow; it is the same metric unless you name another. Every metric of
the task is recorded with each trial and stands in the report.
[Searching](../how-to/searching.md#choose-the-metric) says which one to choose.
"""
_BALANCE = """
With the balanced metrics, a rare class counts as much as a common one: a label is then the class
whose probability is highest relative to its share of the train set (the root of its share for macro F1),
not the most probable one.
"""
_FUNCTIONS = {
    Metric.RMSE: regression_metrics.root_mean_squared_error,
    Metric.MAE: regression_metrics.mean_absolute_error,
}


def metric_page() -> str:
    """Return the page of all metrics, by task."""
    return page(
        "Metrics",
        _INTRODUCTION,
        *(
            f"## {task.value.capitalize()}\n\n"
            + table(("name", "called", "better", "best", "worst", "balanced"), map(_row, metrics_of(task)))
            for task in (Task.CLASSIFICATION, Task.REGRESSION)
        ),
        _BALANCE,
        "## Formulas",
        *(_formula(metric) for metric in Metric),
    )


def _row(metric: Metric) -> tuple[str, ...]:
    return (
        f"`{metric.value}`",
        metric_name(metric),
        "higher" if metric.higher_is_better else "lower",
        f"{metric.perfect:g}",
        _limit(metric.worst),
        "yes" if metric in BALANCED else "no",
    )


def _limit(value: float) -> str:
    return "none" if isinf(value) else f"{value:g}"


def _formula(metric: Metric) -> str:
    """Return a metric's formula: the docstring of its function, without the parameters."""
    by_name = vars(classification_metrics) | vars(regression_metrics)
    function = _FUNCTIONS.get(metric) or by_name.get(metric.value)
    if function is None:
        raise LookupError(f"expected a function {metric.value}, or an entry of _FUNCTIONS for it")
    return f"### `{metric.value}`\n\n```text\n{stated(function)}\n```"
