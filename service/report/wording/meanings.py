"""What a figure of each metric means, in a sentence for who does not know the metric."""

from service.report.wording.numbers import metric_text
from workers.metrics.metric import Metric

_SENTENCES = {
    Metric.ERROR: "it gets {target} wrong for {figure} of the rows",
    Metric.BALANCED_ERROR: (
        "its balanced error for {target}, the mean of its error rates by class, is {figure}"
    ),
    Metric.LOG_LOSS: "its log loss for {target} is {figure} (0 is perfect)",
    Metric.MACRO_F1: "it finds the classes of {target} with a macro F1 of {figure} (1 is perfect)",
    Metric.ROC_AUC: "it ranks rows by {target} with a ROC AUC of {figure} (0.5 is guessing, 1 is perfect)",
    Metric.CALIBRATION_ERROR: "how sure it is of {target} is off by {figure} on average",
    Metric.RMSE: "its predictions of {target} are off by {figure}, as the root of the mean square",
    Metric.MAE: "its predictions of {target} are off by {figure} on average",
    Metric.R_SQUARED: "it explains how {target} varies with an R² of {figure} (1 is all of it)",
}


def figure_sentence(metric: Metric, value: float, *, target: str) -> str:
    """Say what a figure means; it stands after "on such and such rows".

    Parameters
    ----------
    metric
        The metric.
    value
        The figure.
    target
        What is predicted.
    """
    figure = metric_text(metric, value)
    return _SENTENCES[metric].format(figure=figure, target=target)
