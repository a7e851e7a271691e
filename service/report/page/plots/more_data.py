"""The winner's dev figure by the number of train examples, and where the fitted curve leads."""

from math import log10

import numpy as np

from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.plots.axes import linear_marks, log_marks, metric_tick_text
from service.report.page.plots.drawing import Point, Series, draw_points
from service.report.wording.numbers import metric_name, metric_text
from service.winner.learning_curve.learning_curve import LearningCurve
from workers.metrics.metric import Metric

_N_FITTED = 40


def more_data_picture(curve: LearningCurve, metric: Metric) -> Picture | None:
    """Return the picture; None where nothing was measured."""
    points = [point for point in curve.points if point.dev_figures]
    if not points:
        return None
    sizes = [point.n_examples for point in points] + [forecast.n_examples for forecast in curve.forecasts]
    fitted = _fitted(curve, metric, min(sizes), max(sizes))
    reach = [
        (point.n_examples, point.mean + side * 2 * point.standard_error)
        for point in points
        for side in (-1, 1)
    ]
    ends = [y for _, y in (*reach, *fitted)]
    marks = linear_marks(min(ends), max(ends), write=lambda figure: metric_tick_text(metric, figure))
    errors = [
        Point(log10(point.n_examples), end)
        for point in points
        for end in (
            point.mean - 2 * point.standard_error,
            point.mean + 2 * point.standard_error,
            None,
        )
    ]
    last = points[-1]
    return Picture(
        title="What more rows would bring",
        alternative=f"Dev {metric_name(metric)} by number of train rows:"
        f" {metric_text(metric, points[0].mean)} with {points[0].n_examples:,},"
        f" {metric_text(metric, last.mean)} with {last.n_examples:,}",
        svg=draw_points(
            [
                Series(
                    [
                        Point(
                            log10(point.n_examples),
                            point.mean,
                            f"{point.n_examples:,} rows: {metric_text(metric, point.mean)}",
                        )
                        for point in points
                    ]
                ),
                Series([Point(log10(n), figure) for n, figure in fitted], is_line=True, has_dots=False),
                Series(errors, is_line=True, has_dots=False),
            ],
            log_marks(min(sizes), max(sizes), title="train rows"),
            marks,
        ),
        caption="Networks with the winner's hyperparameters, trained on parts of the train set: means"
        " over seeds with"
        " two standard errors" + (", and the fitted curve." if curve.fit else "."),
        numbers=Numbers(
            "more-data",
            ("train rows", "mean", "standard error", "runs that broke off"),
            tuple((p.n_examples, p.mean, p.standard_error, p.n_failed) for p in points),
        ),
        y_label=f"dev {metric_name(metric)}",
        legend=("measured", "fitted") if curve.fit else (),
        colors=Colors.MEASURED,
    )


def _fitted(curve: LearningCurve, metric: Metric, low: int, high: int) -> list[tuple[float, float]]:
    if curve.fit is None:
        return []
    fit = curve.fit
    sizes = np.geomspace(low, high, _N_FITTED)
    badness = fit.floor + fit.scale * sizes**-fit.exponent
    return [(n, metric.badness(value)) for n, value in zip(sizes.tolist(), badness.tolist(), strict=True)]
