"""Numbers in words, the same wherever they stand: figures of metrics, shares, durations, hyperparameters.

Here are each metric's name, how its figures are written and what one means, and how optimistic a dev figure
is that the winner was selected on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from search_spaces.values import Value
from service.report.facts.optimism import Optimism
from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How a metric is named and shown.

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
    """Return a difference of two figures: points of a metric that is shown in percent."""
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


SHORT_SECONDS = 7.5
"""Durations below it, where they are estimated, are a few seconds."""


def share_text(share: float) -> str:
    """Return a share (fraction) in whole percent."""
    return f"{100 * share + 0.0:.0f} %"


def sizes_text(n_examples: Mapping[str, int]) -> str:
    """Return the sizes of the sets, in their order."""
    return ", ".join(f"{size:,} {name}" for name, size in n_examples.items()) + " examples"


def duration_text(seconds: float) -> str:
    """Return a duration in the two largest units that it needs."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def left_text(seconds: float, *, is_rough: bool) -> str:
    """Return how long something will still take, as coarsely as an estimate is known: a rough one is a range.

    Parameters
    ----------
    seconds
        The estimate.
    is_rough
        Whether it may well be half as long, or twice.
    """
    if not is_rough:
        return _coarse_text(seconds) if seconds < SHORT_SECONDS else f"about {_coarse_text(seconds)}"
    low, high = _coarse_text(seconds / 2), _coarse_text(2 * seconds)
    return low if low == high else f"{low} to {high}"


def _coarse_text(seconds: float) -> str:
    """Return a duration rounded to five or ten seconds, to minutes, or to half hours."""
    if seconds < SHORT_SECONDS:
        return "a few seconds"
    if seconds < 55:
        step = 5 if seconds < 27.5 else 10
        return f"{step * round(seconds / step)} s"
    if seconds < 55 * 60:
        step = 1 if seconds < 10 * 60 else 5
        return f"{step * max(round(seconds / 60 / step), 1)} min"
    hours = round(seconds / 1800) / 2
    return f"{hours:g} h"


def value_text(value: Value | None) -> str:
    """Return a hyperparameter's value in a few digits."""
    return f"{value:.4g}" if isinstance(value, float) else f"{value}"


def values_text(values: Mapping[str, Value]) -> str:
    """Return hyperparameters in one line."""
    return "  ".join(f"{name}={value_text(value)}" for name, value in values.items())


def model_figure_text(name: str, value: float) -> str:
    """Say what a model shows of itself: `3.1 % of its weights are 0`."""
    if name == "zero_share":
        return f"{100 * value:.1f} % of its weights are 0"
    return f"{detail_name(name)} {value:.4g}"


def detail_name(name: str) -> str:
    """Return a figure's name in words: `gradient norm`."""
    return name.replace("_", " ")


def capitalized(text: str) -> str:
    """Return a text with a capital letter at its beginning; all others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"
