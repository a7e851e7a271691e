"""How many trials were still trained after so many epochs, and who ended the others."""

from optuna.trial import TrialState

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Numbers, Picture
from service.report.page.plots.axes import count_marks, epoch_marks, thinned
from service.report.page.plots.drawing import Point, Series, draw_points


def survivors_picture(contents: ReportContents) -> Picture | None:
    """Return the picture; None where no trial was pruned."""
    ended = [point for point in contents.points if point.state.is_finished() and point.epochs]
    pruned = [point.epochs for point in ended if point.state is TrialState.PRUNED]
    if not pruned:
        return None
    last = max(point.epochs for point in ended)
    rows = [
        (
            epoch,
            sum(point.epochs >= epoch for point in ended),
            sum(epochs < epoch for epochs in pruned),
        )
        for epoch in range(1, last + 1)
    ]
    n, n_epochs = len(ended), sum(point.epochs for point in ended)
    saved = 1 - n_epochs / (n * last)
    shown = thinned(rows)
    return Picture(
        title="What ending trials early left",
        alternative=f"Trials still in training by epoch: {n} begin, {n - len(pruned)} are not ended early",
        svg=draw_points(
            [
                Series([Point(e, still) for e, still, _ in shown], is_line=True, has_dots=False),
                Series([Point(e, gone) for e, _, gone in shown], is_line=True, has_dots=False),
            ],
            epoch_marks(last),
            count_marks(n),
        ),
        caption=f"{len(pruned)} of {n} trials showed no promise and were ended early ({contents.pruner}): of"
        f" the epochs that {last} for each would have taken, {100 * saved:.0f} % were saved.",
        numbers=Numbers("survivors", ("epoch", "still in training", "ended early before it"), tuple(rows)),
        y_label="trials",
        legend=("still in training", "ended early by then"),
    )
