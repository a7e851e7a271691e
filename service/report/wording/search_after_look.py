"""A search that went on after a look at the test set, in words: when, how far, what figures mean."""

from collections.abc import Iterator

from search_spaces.counted import counted
from service.report.facts.final_facts import SearchAfterLook
from service.report.facts.study_report import StudyReport
from service.report.wording.metrics import metric_name, metric_text


def after_look_short(report: StudyReport, *, with_figures: bool = True) -> str | None:
    """Say when the looks were, with the trials before and after; None where there are no such looks.

    Parameters
    ----------
    report
        The study's.
    with_figures
        Whether the figures that were seen are said too.
    """
    looks = report.searches_after_looks
    said = "; ".join(_of_look(look, report, with_figures=with_figures) for look in looks)
    return f"the search went on after a look at the test set: {said}" if looks else None


def after_look_sentences(report: StudyReport) -> Iterator[str]:
    """Yield what the figures of a search that went on after a look mean, each without a full stop."""
    looks, winner = report.searches_after_looks, report.winner
    if not looks or winner is None:
        return
    if any(look.winner_trial == winner.trial for look in looks):
        itself = ". This study itself has not opened the test set"
        once = ": it was computed once, and no trial was chosen by it"
        yield (
            f"The winner is still trial {winner.trial}, so the figure from that look is its figure"
            f"{itself if report.test is None else once}"
        )
        return
    if report.test is None:
        yield f"The winner is now trial {winner.trial}, which has not been evaluated on the test set"
        figure, tends = "a figure from a further look at the same rows", "would tend"
    else:
        seen = counted(len(looks), "figure")
        yield f"The test figure is from a further look at the same rows, after {seen} of theirs had been seen"
        figure, tends = "this figure", "tends"
    yield (
        "No trial was chosen by a test figure. But if the search went on because a figure disappointed,"
        f" {figure} {tends} to be too good, and its interval too narrow"
    )


def _of_look(look: SearchAfterLook, report: StudyReport, *, with_figures: bool) -> str:
    said = (
        f"look {look.look} ({look.opened_at:%Y-%m-%d %H:%M} UTC) followed {counted(look.n_trials, 'trial')},"
        f" of which trial {look.winner_trial} was the winner"
    )
    if with_figures and look.figure is not None and look.interval is not None:
        metric = report.metric
        low, high = (metric_text(metric, end) for end in look.interval)
        said += (
            f" (test {metric_name(metric)} {metric_text(metric, look.figure)}, 95 % interval {low} to {high})"
        )
    return f"{said}; {counted(look.n_after, 'trial')} came after it"
