"""What a learning curve says of more data, a line a fact."""

from service.report.wording.metrics import metric_name, metric_text, size_text
from service.winner.learning_curve.learning_curve import Forecast, LearningCurve
from workers.metrics.metric import Metric


def curve_lines(curve: LearningCurve) -> list[str]:
    """Return what a curve says, a line a fact.

    Parameters
    ----------
    curve
        The curve.
    """
    metric, fit = curve.metric, curve.fit
    if fit is None:
        return [f"The effect of more data is unknown: {curve.why_not}."]
    low, high = fit.exponent_interval
    floor = metric_text(metric, metric.badness(fit.floor))
    exponent = f"{fit.exponent:.2g}, {low:.2g} to {high:.2g}"
    law = f"approaches {floor} as a power of the number of train examples (exponent {exponent})"
    lines = [f"The dev {metric_name(metric)} {law}."]
    for forecast in curve.forecasts:
        examples = f"With {times_text(forecast.factor)} the train examples, {forecast.n_examples:,}"
        lines.append(f"{examples}: dev {metric_name(metric)} {forecast_text(metric, forecast)}.")
    least = size_text(metric, 2 * (curve.dev_standard_error or 0.0))
    shown = f"{least} (two standard errors of the dev set)"
    if curve.flat_from is None:
        lines.append(f"Doubling gains more than {shown} even at a hundred times the examples.")
    else:
        is_past = curve.flat_from <= curve.points[-1].n_examples
        start = f"{'Already from' if is_past else 'From'} {curve.flat_from:,} train examples on"
        lines.append(f"{start}, doubling them gains less than {shown}.")
    return lines


def forecast_text(metric: Metric, forecast: Forecast) -> str:
    """Return what is forecast, with its interval."""
    low, high = (metric_text(metric, end) for end in forecast.interval)
    return f"{metric_text(metric, forecast.figure)} ({low} to {high})"


def times_text(factor: float) -> str:
    """Return how many times in words."""
    return {2.0: "twice", 10.0: "ten times"}.get(factor, f"{factor:g} times")
