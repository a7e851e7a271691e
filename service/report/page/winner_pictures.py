"""The winner in pictures: how it learned, how its predictions came out, its gaps, and more data."""

from collections.abc import Callable, Iterator, Sequence
from math import log10

import numpy as np

from search_spaces.counted import counted
from service.advice.study_diagnosis import Gaps
from service.report.facts.report_contents import SeedCurve
from service.report.page.blocks import Colors, Numbers, Picture
from service.report.page.drawing import (
    Bar,
    Point,
    Series,
    draw_bars,
    draw_points,
    epoch_marks,
    finite,
    linear_marks,
    log_marks,
    metric_axis,
    metric_tick_text,
    number_text,
    positive_marks,
    thinned,
)
from service.report.wording.advice import bias_text, difference_text
from service.report.wording.numbers import metric_name, metric_text, share_text
from service.winner.examination.dev_analysis.values import CalibrationBin, Residuals
from service.winner.learning_curve.learning_curve import LearningCurve
from workers.metrics.metric import Metric
from workers.train_dev_data import Task

CURVES = "learning"
"""Name of the download that holds all epochs."""

MOST_POINTS_A_CURVE = 100
MOST_SEEDS = 5


def learning_pictures(curves: Sequence[SeedCurve], metric: Metric) -> Iterator[Picture]:
    """Yield the picture of the losses and that of the study's metric on the dev set."""
    shown = curves[:MOST_SEEDS]
    n_epochs = max(len(curve.dev_loss) for curve in shown)
    own = shown[0]
    seeds = f"One line for each of {len(shown)} seeds" if len(shown) > 1 else "One seed"
    ended = f"; the winner's own was best in epoch {own.best_epoch} of {len(own.dev_loss)}"
    at = ended if own.best_epoch else f"; its folds one after the other, {len(own.dev_loss)} epochs in all"
    losses = finite(loss for curve in shown for loss in (*curve.train_loss, *curve.dev_loss))
    if losses:
        marks, place = positive_marks(losses)
        yield Picture(
            title="What training lowers",
            alternative=f"Train and dev loss by epoch of {counted(len(shown), 'seed')}{at}",
            svg=draw_points(
                [
                    _lines(shown, lambda curve: curve.train_loss, place),
                    _lines(shown, lambda curve: curve.dev_loss, place),
                    _best(shown, lambda curve: curve.dev_loss, place),
                ],
                epoch_marks(n_epochs),
                marks,
            ),
            caption=f"{seeds}{at}. Where the dev loss rises while the train loss keeps falling, the model"
            " memorizes its train rows; the model of the best epoch is kept.",
            numbers=CURVES,
            y_label="loss",
            legend=("on the train set", "on the dev set", "best epoch"),
        )
    figures = finite(figure for curve in shown for figure in curve.dev_metric)
    if figures:
        axis = metric_axis(metric, figures)
        yield Picture(
            title="What it is chosen by",
            alternative=f"Dev {metric_name(metric)} by epoch of {counted(len(shown), 'seed')}{at}",
            svg=draw_points(
                [
                    Series([]),
                    _lines(shown, lambda curve: curve.dev_metric, axis.place),
                    _best(
                        shown,
                        lambda curve: curve.dev_metric,
                        axis.place,
                        write=lambda value: metric_text(metric, value),
                    ),
                ],
                epoch_marks(n_epochs),
                axis.marks,
            ),
            caption=f"{seeds}{at}.",
            numbers=CURVES,
            y_label=axis.name,
            legend=("", "on the dev set", "best epoch"),
        )


def curve_numbers(curves: Sequence[SeedCurve], metric: Metric) -> Numbers:
    """Return all epochs of all seeds, to be downloaded."""
    return Numbers(
        CURVES,
        ("trial", "seed", "epoch", "train loss", "dev loss", f"dev {metric_name(metric)}"),
        tuple(
            (curve.trial, curve.seed, epoch, *values)
            for curve in curves
            for epoch, values in enumerate(
                zip(curve.train_loss, curve.dev_loss, curve.dev_metric, strict=True), start=1
            )
        ),
    )


def _lines(
    curves: Sequence[SeedCurve],
    of: Callable[[SeedCurve], Sequence[float]],
    place: Callable[[float], float | None],
) -> Series:
    """Return a line a curve, with a break after each, and where a value is none."""
    points = []
    for curve in curves:
        epochs = thinned(list(enumerate(of(curve), start=1)), MOST_POINTS_A_CURVE)
        points += [Point(epoch, place(value)) for epoch, value in epochs]
        points.append(Point(epochs[-1][0], None))
    return Series(points, is_line=True, has_dots=False)


def _best(
    curves: Sequence[SeedCurve],
    of: Callable[[SeedCurve], Sequence[float]],
    place: Callable[[float], float | None],
    *,
    write: Callable[[float], str] = lambda value: f"{value:.4g}",
) -> Series:
    """Return a dot at each curve's best epoch."""
    return Series(
        [
            Point(epoch, place(value), f"trial {curve.trial}, epoch {epoch}: {write(value)}")
            for curve in curves
            if (epoch := curve.best_epoch) is not None
            for value in (of(curve)[epoch - 1],)
        ]
    )


def spread_picture(curve: SeedCurve) -> Picture | None:
    """Return the picture of what hidden layers give, by epoch; None where none is known."""
    spreads = curve.activation_spreads
    values = finite(value for of_epoch in spreads for value in of_epoch)
    if not values:
        return None
    n_layers = len(spreads[0])
    marks, place = positive_marks(values)
    last = ", ".join(f"{value:.3g}" for value in spreads[-1])
    rows = tuple((epoch, *of_epoch) for epoch, of_epoch in enumerate(spreads, start=1))
    return Picture(
        title="Outputs of its layers",
        alternative=f"Standard deviation of activations by epoch in {counted(n_layers, 'hidden layer')};"
        f" in the last epoch {last}",
        svg=draw_points(
            [_layer(spreads, layer, place) for layer in range(n_layers)], epoch_marks(len(spreads)), marks
        ),
        caption="Standard deviation of each hidden layer's outputs, from the first layer to the last."
        " Lines that fall toward 0 or grow without end would mean that signals vanish or explode.",
        numbers=Numbers("activations", ("epoch", *(f"layer {n + 1}" for n in range(n_layers))), rows),
        y_label="standard deviation",
        legend=tuple(f"layer {n + 1}" for n in range(n_layers)),
    )


def _layer(spreads: Sequence[Sequence[float]], layer: int, place: Callable[[float], float | None]) -> Series:
    epochs = thinned(list(enumerate(spreads, start=1)), MOST_POINTS_A_CURVE)
    points = [Point(epoch, place(of_epoch[layer])) for epoch, of_epoch in epochs]
    return Series(points, is_line=True, has_dots=False)


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


def gap_rows(gaps: Gaps, metric: Metric) -> list[tuple[str, str, float, float]]:
    """Return the gaps, a row each: name, what it is the difference of, size, standard error."""
    held_out = "dev" if gaps.data_mismatch is None else "train-dev"
    rows = [
        (
            "avoidable bias",
            bias_text(metric, gaps),
            gaps.avoidable_bias,
            gaps.avoidable_bias_standard_error,
        ),
        ("variance", difference_text(metric, held_out, "train"), gaps.variance, gaps.variance_standard_error),
    ]
    if gaps.data_mismatch is not None and gaps.data_mismatch_standard_error is not None:
        words = difference_text(metric, "dev", "train-dev")
        rows.append(("data mismatch", words, gaps.data_mismatch, gaps.data_mismatch_standard_error))
    return rows


def gap_picture(gaps: Gaps, metric: Metric) -> Picture:
    """Return the picture."""
    rows = gap_rows(gaps, metric)
    ends = [0.0, *(end for _, _, size, error in rows for end in (size - 2 * error, size + 2 * error))]
    low, high = min(ends), max(ends)
    marks = linear_marks(low, high or 1e-9, write=lambda size: metric_tick_text(metric, size))
    told = "; ".join(f"{name} {metric_tick_text(metric, size)}" for name, _, size, _ in rows)
    return Picture(
        title="Where the error comes from",
        alternative=f"Gaps in dev {metric_name(metric)}: {told}",
        svg=draw_bars([Bar(name, size, 2 * error) for name, _, size, error in rows], marks),
        caption="The lines are two standard errors to either side: a gap whose line reaches 0 may be chance.",
        numbers=Numbers("gaps", ("gap", "difference", "size", "standard error"), tuple(rows)),
    )


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
