"""What to do next, in words: the gaps, what a step may gain, and what more data would bring.

The noise floor stands beside the gaps, as it says what there is to gain at all.
"""

from search_spaces.counted import counted
from service.advice.advised_steps import AdvisedStep, StepKind
from service.advice.gaps import Trouble
from service.advice.study_diagnosis import Gaps
from service.report.wording.numbers import best_possible, metric_name, metric_text, size_text
from service.winner.examination.baselines import MAJORITY_CLASS, MEAN
from service.winner.learning_curve.learning_curve import Forecast, LearningCurve
from service.winner.noise_floor.estimate import has_bayes_figure
from service.winner.noise_floor.floor import FloorBelow, NoiseFloor, Source
from workers.metrics.metric import Metric


def difference_text(metric: Metric, worse: str, better: str) -> str:
    """Name a gap by the difference that it is: above 0 where the one is worse."""
    return f"{better} - {worse}" if metric.higher_is_better else f"{worse} - {better}"


def bias_text(metric: Metric, gaps: Gaps) -> str:
    """Say what the bias is the difference of."""
    if gaps.noise_floor is not None:
        return difference_text(metric, "train", f"best model on new rows, {metric_text(metric, gaps.best)}")
    if gaps.bayes_error is None:
        return difference_text(metric, "train", f"{gaps.best:g}")
    return f"train - Bayes, {metric_text(metric, gaps.bayes_error)}"


_OPEN = (Trouble.NOISE_FLOOR, Trouble.NOTHING_LEARNED, Trouble.BIAS_OR_NOISE)
_WORSE_SET = {Trouble.BIAS: "train", Trouble.VARIANCE: "held-out", Trouble.MISMATCH: "dev"}


def _best_possible_text(floor: NoiseFloor) -> str:
    """Say in which range the best figure possible lies, without a full stop."""
    metric = floor.metric
    name = f" (the {best_possible(metric)})" if has_bayes_figure(metric) else ""
    low, high = (metric_text(metric, end) for end in sorted([floor.lowest, floor.highest]))
    lies = f"is about {low}" if low == high else f"lies between {low} and {high}"
    return f"The best {metric_name(metric)} that any model could reach{name} {lies}, by our estimate"


def floor_lines(gaps: Gaps) -> list[str]:
    """Say between what the best figure possible lies and what that rests on; nothing where it is given."""
    floor = gaps.noise_floor
    if floor is None:
        return []
    lines = [_best_possible_text(floor), _reached_text(floor)]
    if has_bayes_figure(floor.metric) or floor.below:
        lines.append(_below_text(floor))
    return lines


def more_lines(gaps: Gaps) -> list[str]:
    """Say what would help to decide, where nothing shows that anyone could do better."""
    if gaps.noise_floor is None or gaps.trouble not in _OPEN:
        return []
    ways = [
        f"about {n:,} {_WORSE_SET[Trouble(name)]} examples, enough to show whether there is {name}"
        for name, n in gaps.n_to_tell.items()
    ]
    ways += ["more informative columns", "some cases measured twice"]
    if has_bayes_figure(gaps.noise_floor.metric):
        ways.append("--bayes-error, if you know it")
    return [f"What would help to decide: {', '.join(ways)}"]


def _reached_text(floor: NoiseFloor) -> str:
    reached = ", ".join(
        f"{each.model} {metric_text(floor.metric, each.figure)}"
        + (" (corrected for selection)" if each.is_winner else "")
        for each in floor.models
    )
    at, sign = ("at least", "minus") if floor.metric.higher_is_better else ("at most", "plus")
    told = (
        f"{at} {metric_text(floor.metric, floor.highest)}: the best figure of any model here on new rows,"
        f" {sign} two standard errors ({reached})"
    )
    constants = (MAJORITY_CLASS, MEAN)
    others = [each for each in floor.models if not each.is_winner and each.model not in constants]
    return (
        f"{told}; these models use fixed settings, so their figures differ a little from the table's"
        if others
        else told
    )


def _below_text(floor: NoiseFloor) -> str:
    if not floor.below:
        return (
            "nothing rules out a better figure: too few rows have equal or similar features, or the"
            " targets of those show no clear difference"
        )
    at = "at most" if floor.metric.higher_is_better else "at least"
    return "; ".join(
        f"{at} {metric_text(floor.metric, each.figure)}, {_because(each)}" for each in floor.below
    )


def _because(below: FloorBelow) -> str:
    rows = counted(below.n_rows, "row")
    if below.source is Source.EQUAL_ROWS:
        return f"because rows with equal features have different targets ({rows})"
    return (
        f"because rows with similar features have different targets ({rows}; assumes that the target changes"
        " smoothly with the features)"
    )


def expectation_text(step: AdvisedStep, metric: Metric) -> str:
    """Say in brackets what a step may gain at most, and where that comes from; nothing of one to stop."""
    if step.step is StepKind.STOP:
        return ""
    if step.expected_gain is None:
        return f" ({step.expectation})"
    return f" (gains at most {size_text(metric, step.expected_gain)}, {step.expectation})"


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
