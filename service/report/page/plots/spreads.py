"""What the winner's hidden layers give, by epoch: signals that vanish or explode would show."""

from collections.abc import Callable, Sequence

from service.report.facts.report_contents import SeedCurve
from service.report.page.blocks import Numbers, Picture
from service.report.page.plots.axes import epoch_marks, finite, positive_marks, thinned
from service.report.page.plots.drawing import Point, Series, draw_points
from service.report.page.plots.learning import MOST_POINTS_A_CURVE
from service.report.wording.numbers import counted


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
        title="What its layers give",
        alternative=f"Standard deviation of activations by epoch in {counted(n_layers, 'hidden layer')};"
        f" in the last epoch {last}",
        svg=draw_points(
            [_layer(spreads, layer, place) for layer in range(n_layers)], epoch_marks(len(spreads)), marks
        ),
        caption="Standard deviation of what each hidden layer gives, from the first to the last. Lines that"
        " run to nothing, or away, would mean signals that vanish or explode in it.",
        numbers=Numbers("activations", ("epoch", *(f"layer {n + 1}" for n in range(n_layers))), rows),
        y_label="standard deviation",
        legend=tuple(f"layer {n + 1}" for n in range(n_layers)),
    )


def _layer(spreads: Sequence[Sequence[float]], layer: int, place: Callable[[float], float | None]) -> Series:
    epochs = thinned(list(enumerate(spreads, start=1)), MOST_POINTS_A_CURVE)
    points = [Point(epoch, place(of_epoch[layer])) for epoch, of_epoch in epochs]
    return Series(points, is_line=True, has_dots=False)
