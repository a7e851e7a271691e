"""Predicted beside actual numbers of dev examples."""

from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.plots.axes import linear_marks, number_text, thinned
from service.report.page.plots.drawing import Point, Series, draw_points
from service.winner.examination.dev_analysis.values import Residuals


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
        middle = f" Half of the predictions are off by between {low} and {high}."
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
        caption=f"A dot is a row of the dev set; on the line it would be predicted as it is.{middle}{some}",
        numbers=Numbers("residuals", ("actual", "predicted"), residuals.points),
        y_label=f"predicted {target}",
        legend=("dev rows", "predicted as they are"),
        colors=Colors.MEASURED,
    )
