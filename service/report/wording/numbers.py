"""Numbers, durations and hyperparameters in words, the same wherever they stand."""

from collections.abc import Mapping

from search_spaces.values import Value
from workers.metrics.metric import Metric

_NAMES = {
    Metric.MACRO_F1: "macro F1",
    Metric.ROC_AUC: "ROC AUC",
    Metric.RMSE: "RMSE",
    Metric.MAE: "MAE",
    Metric.R_SQUARED: "R²",
}
_IN_PERCENT = {Metric.ERROR, Metric.BALANCED_ERROR, Metric.CALIBRATION_ERROR}
SHORT_SECONDS = 7.5
"""Durations below it, where they are estimated, are a few seconds."""

_UP_TO_ONE = {Metric.MACRO_F1, Metric.ROC_AUC, Metric.R_SQUARED}


def metric_name(metric: Metric) -> str:
    """Return a metric's name as people write it."""
    return _NAMES.get(metric, metric.replace("_", " "))


def metrics_text(metric: Metric, watch: Metric) -> str:
    """Name the study's metric, and the watched one where it is another."""
    return metric_name(metric) + ("" if watch is metric else f", watching {metric_name(watch)}")


def is_told_in_percent(metric: Metric) -> bool:
    """Whether a metric's figures are shares that people read in percent."""
    return metric in _IN_PERCENT


def metric_text(metric: Metric, value: float) -> str:
    """Return a figure as people read it: an error in percent, all else with four digits or as a whole.

    What rounds to nothing is 0, without a sign.
    """
    if metric in _IN_PERCENT:
        return f"{round(100 * value, 2) + 0.0:.2f} %"
    if metric in _UP_TO_ONE:
        value = round(value, 4)  # the mean's own R² is 0 but for rounding, such as -2e-16
    value += 0.0  # turns -0 into 0
    return f"{value:,.0f}" if abs(value) >= 999.95 else f"{value:.4g}"


def share_text(share: float) -> str:
    """Return a share (fraction) in whole percent."""
    return f"{100 * share + 0.0:.0f} %"


def size_text(metric: Metric, size: float) -> str:
    """Return a difference of two figures: points of a metric that is told in percent."""
    return f"{round(100 * size, 2) + 0.0:.2f} points" if metric in _IN_PERCENT else metric_text(metric, size)


def sizes_text(n_examples: Mapping[str, int]) -> str:
    """Return the sizes of the sets, in their order."""
    return ", ".join(f"{size:,} {name}" for name, size in n_examples.items()) + " examples"


def mean_text(metric: Metric, value: float, standard_error: float | None) -> str:
    """Return a figure, with its standard error where it is a mean over folds."""
    figure = metric_text(metric, value)
    return figure if standard_error is None else f"{figure} ± {metric_text(metric, standard_error)}"


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


def counted(n: int, noun: str) -> str:
    """Return a number and what it counts, in the plural where it is not one."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def value_text(value: Value) -> str:
    """Return a hyperparameter's value in a few digits."""
    return f"{value:.4g}" if isinstance(value, float) else f"{value}"


def values_text(values: Mapping[str, Value]) -> str:
    """Return hyperparameters in one line."""
    return "  ".join(f"{name}={value_text(value)}" for name, value in values.items())


def capitalized(text: str) -> str:
    """Return a text with a capital letter at its beginning; all others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"
