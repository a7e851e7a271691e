"""How predictions came out in pictures: probabilities beside shares, numbers beside numbers."""

from collections.abc import Sequence

from search_spaces.counted import counted
from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.plots.axes import linear_marks, number_text, thinned
from service.report.page.plots.drawing import Point, Series, draw_points
from service.report.wording.numbers import share_text
from service.winner.examination.dev_analysis.values import CalibrationBin, Residuals
from workers.train_dev_data import Task


def calibration_picture(
    bins: Sequence[CalibrationBin], task: Task, *, target: str, of_class: str | None
) -> Picture | None:
    """Return the picture; None where there are no bins.

    Parameters
    ----------
    bins
        In order.
    task
        What is predicted: a class, with a probability, or a number.
    target
        Its name.
    of_class
        The class whose probability it is; None where it is each example's most probable one.
    """
    if not bins:
        return None
    is_class = task is Task.CLASSIFICATION
    ends = [end for each in bins for end in (each.predicted, *_reach(each))]
    low, high = max(min(ends), 0.0) if is_class else min(ends), min(max(ends), 1.0) if is_class else max(ends)
    write = share_text if is_class else number_text
    marks = linear_marks(low, high, write=write)
    errors = [
        Point(each.predicted, None if end is None else min(max(end, low), high))
        for each in bins
        for end in (*_reach(each), None)
    ]
    farthest = max(bins, key=lambda each: abs(each.actual - each.predicted))
    x, y = "mean prediction", f"mean {target}"
    if is_class:
        shown = "the most probable class" if of_class is None else f"{target} = {of_class}"
        x, y = f"predicted probability of {shown}", f"share that is {shown}"
    told = f"{x} {write(farthest.predicted)}, {y} {write(farthest.actual)}"
    return Picture(
        title="Are its probabilities right?" if is_class else "Are predictions right on average?",
        alternative=f"Calibration in {len(bins)} groups of dev rows; farthest from the line: {told}",
        svg=draw_points(
            [
                Series(
                    [
                        Point(
                            each.predicted,
                            each.actual,
                            f"{counted(each.n_examples, 'row')}: {write(each.predicted)},"
                            f" {write(each.actual)}",
                        )
                        for each in bins
                    ]
                ),
                Series([Point(end, end) for end in (low, high)], is_line=True, has_dots=False),
                Series(errors, is_line=True, has_dots=False),
            ],
            linear_marks(low, high, write=write, title=x),
            marks,
        ),
        caption="Each dot is a group of dev rows, with two standard errors; on the line"
        + (
            " what it predicts happens as often as it says."
            if is_class
            else " predictions are right on average."
        ),
        numbers=Numbers(
            "calibration",
            (x, y, "standard error", "dev rows"),
            tuple((each.predicted, each.actual, each.standard_error, each.n_examples) for each in bins),
        ),
        y_label=y,
        legend=("groups of dev rows", "where they should lie"),
        colors=Colors.MEASURED,
    )


def _reach(each: CalibrationBin) -> tuple[float, float]:
    return each.actual - 2 * each.standard_error, each.actual + 2 * each.standard_error


def residual_picture(residuals: Residuals, *, target: str, n_examples: int) -> Picture | None:
    """Return the picture; None where there is no point.

    Parameters
    ----------
    residuals
        Points and quantiles.
    target
        What is predicted.
    n_examples
        Dev examples in all.
    """
    if not residuals.points:
        return None
    ends = [value for point in residuals.points for value in point]
    marks = linear_marks(min(ends), max(ends))
    shown = thinned(residuals.points)
    some = f" {len(shown)} of {n_examples:,} dev rows are drawn." if len(shown) < n_examples else ""
    middle = ""
    if {"25 %", "75 %"} <= residuals.quantiles.keys():
        low, high = (number_text(residuals.quantiles[share]) for share in ("25 %", "75 %"))
        middle = f" For half of the rows, predicted less actual is between {low} and {high}."
    return Picture(
        title="Predicted and actual",
        alternative=f"Predicted by actual {target} of {len(shown)} dev rows.{middle}",
        svg=draw_points(
            [
                Series([Point(a, p, f"{number_text(a)}, predicted {number_text(p)}") for a, p in shown]),
                Series([Point(end, end) for end in (marks.low, marks.high)], is_line=True, has_dots=False),
            ],
            linear_marks(marks.low, marks.high, title=f"actual {target}"),
            marks,
        ),
        caption="Each dot is a row of the dev set; on the line, predicted and actual are"
        f" equal.{middle}{some}",
        numbers=Numbers("residuals", ("actual", "predicted"), residuals.points),
        y_label=f"predicted {target}",
        legend=("dev rows", "predicted = actual"),
        colors=Colors.MEASURED,
    )
