"""How the winner learned in pictures: losses and metric by epoch, and what its layers give."""

from collections.abc import Callable, Iterator, Sequence

from search_spaces.counted import counted
from service.report.facts.report_contents import SeedCurve
from service.report.page.blocks import Numbers, Picture
from service.report.page.plots.axes import epoch_marks, finite, metric_axis, positive_marks, thinned
from service.report.page.plots.drawing import Point, Series, draw_points
from service.report.wording.numbers import metric_name, metric_text
from workers.metrics.metric import Metric

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
            caption=f"{seeds}{at}. Where the dev loss rises while the train loss keeps falling, the network"
            " memorizes its train rows; the weights of the best epoch are kept.",
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
