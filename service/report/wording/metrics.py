"""Metrics in words: their names, their figures as people read them, and what a figure means."""

from collections.abc import Mapping
from dataclasses import dataclass

from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What is said of a metric.

    Attributes
    ----------
    name
        As people write it.
    meaning
        What a figure means, for who does not know the metric; it stands after "on such and such rows".
    best_possible
        The best figure that anyone could reach; None where it has no name of its own.
    is_in_percent
        Whether its figures are shares that people read in percent.
    is_rounded
        Whether its figures have no more than four decimals, however small they are.
    """

    name: str
    meaning: str
    best_possible: str | None = None
    is_in_percent: bool = False
    is_rounded: bool = False


_WORDS: Mapping[Metric, _Words] = {
    Metric.ERROR: _Words(
        name="error",
        meaning="it gets {target} wrong for {figure} of the rows",
        best_possible="Bayes error",
        is_in_percent=True,
    ),
    Metric.LOG_LOSS: _Words(
        name="log loss", meaning="its log loss for {target} is {figure} nats (0 is perfect)"
    ),
    Metric.BALANCED_ERROR: _Words(
        name="balanced error",
        meaning="its balanced error for {target}, the mean of its error rates by class, is {figure}",
        best_possible="Bayes balanced error",
        is_in_percent=True,
    ),
    Metric.MACRO_F1: _Words(
        name="macro F1",
        meaning="its macro F1 for {target}, the mean of the classes' F1 scores, is {figure} (1 is perfect)",
        is_rounded=True,
    ),
    Metric.ROC_AUC: _Words(
        name="ROC AUC",
        meaning="its ROC AUC for {target}, how well it ranks rows, is {figure} (0.5 is guessing, 1 is"
        " perfect)",
        is_rounded=True,
    ),
    Metric.CALIBRATION_ERROR: _Words(
        name="calibration error",
        meaning="its probabilities for {target} are off by {figure} on average",
        is_in_percent=True,
    ),
    Metric.RMSE: _Words(
        name="RMSE",
        meaning="its predictions of {target} are off by {figure} (root mean squared error)",
        best_possible="Bayes RMSE",
    ),
    Metric.MAE: _Words(name="MAE", meaning="its predictions of {target} are off by {figure} on average"),
    Metric.R_SQUARED: _Words(
        name="R²",
        meaning="it explains the variation of {target} with an R² of {figure} (1 is perfect)",
        is_rounded=True,
    ),
}


def metric_name(metric: Metric) -> str:
    """Return a metric's name as people write it."""
    return _WORDS[metric].name


def best_possible(metric: Metric) -> str:
    """Name the best figure that anyone could reach."""
    words = _WORDS[metric]
    return words.best_possible or f"best possible {words.name}"


def metrics_text(metric: Metric, watch: Metric) -> str:
    """Name the study's metric, and the watched one where it is another."""
    return metric_name(metric) + ("" if watch is metric else f", watching {metric_name(watch)}")


def is_told_in_percent(metric: Metric) -> bool:
    """Whether a metric's figures are shares that people read in percent."""
    return _WORDS[metric].is_in_percent


def metric_text(metric: Metric, value: float) -> str:
    """Return a figure as people read it: an error in percent, all else with four digits or as a whole.

    What rounds to nothing is 0, without a sign.
    """
    if _WORDS[metric].is_in_percent:
        return f"{round(100 * value, 2) + 0.0:.2f} %"
    if _WORDS[metric].is_rounded:
        value = round(value, 4)  # the mean's own R² is 0 but for rounding, such as -2e-16
    value += 0.0  # turns -0 into 0
    return f"{value:,.0f}" if abs(value) >= 999.95 else f"{value:.4g}"


def mean_text(metric: Metric, value: float, standard_error: float | None) -> str:
    """Return a figure, with its standard error where it is a mean over folds."""
    figure = metric_text(metric, value)
    return figure if standard_error is None else f"{figure} ± {metric_text(metric, standard_error)}"


def size_text(metric: Metric, size: float) -> str:
    """Return a difference of two figures: points of a metric that is told in percent."""
    return (
        f"{round(100 * size, 2) + 0.0:.2f} points"
        if _WORDS[metric].is_in_percent
        else metric_text(metric, size)
    )


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
    return _WORDS[metric].meaning.format(figure=metric_text(metric, value), target=target)
