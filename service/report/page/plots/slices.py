"""A picture a hyperparameter: how trials did by the value that they had."""

from collections.abc import Iterator
from functools import partial

from service.report.facts.report_contents import Axis, ReportContents, TriedPoint
from service.report.page.blocks import Colors, Picture
from service.report.page.plots.axes import hyperparameter_marks, hyperparameter_position
from service.report.page.plots.drawing import draw_points
from service.report.page.plots.trial_points import LEGEND, TRIALS, DrawnTrials
from service.report.wording.numbers import counted, metric_name, value_text
from service.report.wording.sentences import capitalized


def slice_pictures(contents: ReportContents, drawn: DrawnTrials) -> Iterator[Picture]:
    """Yield a picture a searched hyperparameter, the most important first."""
    metric = metric_name(contents.report.metric)
    for axis in by_importance(contents):
        series = drawn.series(partial(_place, axis))
        n_points = sum(len(of_one.points) for of_one in series)
        winner = contents.report.winner
        values = winner.hyperparameters.model_dump(mode="json") if winner else {}
        at = f"the winner has {value_text(values[axis.name])}" if axis.name in values else "no winner yet"
        yield Picture(
            title=f"By {axis.name}",
            alternative=f"Dev {metric} of {counted(n_points, 'trial')} by {axis.name}; {at}",
            svg=draw_points(series, hyperparameter_marks(axis), drawn.axis.marks),
            caption=f"{capitalized(at)}.",
            numbers=TRIALS,
            y_label=drawn.axis.name,
            legend=LEGEND,
            colors=Colors.TRIALS,
        )


def by_importance(contents: ReportContents) -> list[Axis]:
    """Return the searched hyperparameters, the most important first."""
    found = contents.importances.importances if contents.importances else ()
    ranks = {importance.hyperparameter: rank for rank, importance in enumerate(found)}
    return sorted(contents.axes, key=lambda axis: ranks.get(axis.name, len(ranks)))


def _place(axis: Axis, point: TriedPoint) -> float | None:
    return hyperparameter_position(axis, point.values[axis.name]) if axis.name in point.values else None
