"""The best figure by trial, and what fewer trials would have reached on average.

A trial lies at its number. What so many trials reach on average lies at the number of the last of them: the
first trial is number 0.
"""

from itertools import accumulate

from optuna.trial import TrialState

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Colors, Picture
from service.report.page.plots.axes import thinned, trial_marks
from service.report.page.plots.drawing import Point, Series, draw_points
from service.report.page.plots.trial_points import LEGEND, TRIALS, DrawnTrials
from service.report.wording.numbers import metric_name, metric_text


def best_so_far_picture(contents: ReportContents, drawn: DrawnTrials) -> Picture | None:
    """Return the picture; None where no trial is complete."""
    report = contents.report
    metric = report.metric
    complete = [
        (point.trial, point.figure)
        for point in contents.points
        if point.state is TrialState.COMPLETE and point.figure is not None
    ]
    if not complete:
        return None
    bests = list(accumulate((metric.badness(figure) for _, figure in complete), min))
    steps = [
        (trial, metric.badness(best))
        for (trial, _), best, before in zip(complete, bests, [None, *bests], strict=False)
        if best != before
    ]
    last = contents.points[-1].trial
    path = _path(steps, last)
    expected = report.expected_best_so_far.figures or ()
    line = [Point(x, drawn.axis.place(figure)) for x, figure in thinned(path)]
    average = [Point(n, drawn.axis.place(figure)) for n, figure in enumerate(expected)]
    best_trial, best = steps[-1]
    told = f"the best, {metric_text(metric, best)}, was found by trial {best_trial}"
    why_not = report.expected_best_so_far.why_not
    more = (
        " The faint line is what the best of so many such trials would be on average."
        if expected
        else f" What fewer trials would have reached on average cannot be told: {why_not}."
    )
    return Picture(
        title="The best so far",
        alternative=f"Best dev {metric_name(metric)} by trial: {told}",
        svg=draw_points(
            [
                *drawn.series(lambda point: float(point.trial)),
                Series(line, is_line=True, has_dots=False),
                Series(thinned(average), is_line=True, has_dots=False),
            ],
            trial_marks(last),
            drawn.axis.marks,
        ),
        caption=f"The line is the best of the trials trained to the end; {told}.{more}{drawn.notes}",
        numbers=TRIALS,
        y_label=drawn.axis.name,
        legend=(*LEGEND, "best so far", *(("expected of so many",) if expected else ())),
        colors=Colors.TRIALS,
    )


def _path(steps: list[tuple[int, float]], last: int) -> list[tuple[float, float]]:
    """Return the corners of the stairs that the best so far goes down."""
    found: list[tuple[float, float]] = []
    for trial, best in steps:
        if found:
            found.append((trial, found[-1][1]))
        found.append((trial, best))
    return [*found, (last, found[-1][1])]
