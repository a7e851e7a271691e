"""A slice of the dev set in words: its name, and its figure beside the others'."""

from collections.abc import Mapping
from math import sqrt

from service.report.wording.metrics import metric_text
from service.tables.cells import LONGEST_SHOWN
from service.winner.examination.dev_analysis.values import ExampleLoss, Slice, SliceKind
from workers.metrics.metric import Metric

_MEANS: Mapping[ExampleLoss, Metric] = {
    ExampleLoss.ERROR: Metric.ERROR,
    ExampleLoss.BALANCED_ERROR: Metric.BALANCED_ERROR,
    ExampleLoss.LOG_LOSS: Metric.LOG_LOSS,
    ExampleLoss.SQUARED_ERROR: Metric.RMSE,
    ExampleLoss.ABSOLUTE_ERROR: Metric.MAE,
}


def loss_metric(loss: ExampleLoss) -> Metric:
    """Return the metric that a mean of losses is shown as."""
    return _MEANS[loss]


def slice_figures(one: Slice, loss: ExampleLoss) -> tuple[str, str]:
    """Return a slice's figure and that of all others, as people read them."""
    metric = loss_metric(loss)
    own, others = (
        metric_text(metric, sqrt(mean) if metric is Metric.RMSE else mean)
        for mean in (one.mean_loss, one.others_mean_loss)
    )
    return own, others


def slice_name(one: Slice) -> str:
    """Return a slice's column and what it has there."""
    equals = " = " if one.kind in {SliceKind.CLASS, SliceKind.VALUE} else " "
    return f"{printable(one.column)}{equals}{printable(one.values)}"


def printable(text: str) -> str:
    """Return what a file calls something, on one line, not endless, and without orders to a terminal."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
