"""A dev figure that is all there is, in words: that it was selected on, and how optimistic it is."""

from rich.console import Console
from rich.text import Text

from search_spaces.counted import counted
from service.report.facts.optimism import expected_maximum
from service.report.facts.study_report import StudyReport
from service.report.wording.numbers import dev_figure_note, mean_text, metric_name, metric_text, optimism_text

BEFORE_THE_SEARCH = (
    "no rows are held back: the figure will be a dev figure, optimistic because the winner is selected on it"
)
"""The study's first line of it."""


def print_dev_figure(report: StudyReport, console: Console) -> None:
    """Print the winner's dev figure as what it is: selected on, and optimistic by about so much."""
    winner, optimism = report.winner, report.optimism
    if winner is None or optimism is None:
        return
    metric = report.metric
    error = winner.folds.standard_error if winner.folds else None
    figure = f"Dev {metric_name(metric)} {mean_text(metric, winner.dev_metric, error)}"
    selected = f": the winner was selected on it, among {counted(optimism.n_trials, 'trial')}"
    console.print(Text.assemble((figure, "bold"), selected), soft_wrap=not console.is_terminal)
    about = f"  So it is optimistic, by about {optimism_text(metric, optimism)}"
    if optimism.without is not None:
        about += f": on new examples expect about {metric_text(metric, optimism.without)}"
    console.print(Text(about), soft_wrap=not console.is_terminal)


def optimism_so_far(n_trials: int) -> str:
    """Return how optimistic the best dev figure of a running search is, in words.

    Parameters
    ----------
    n_trials
        Trials that ended with a figure, at least 1.
    """
    errors = f"{expected_maximum(max(n_trials, 2)):.1f} standard errors"
    return f"trials are selected on it, so it is optimistic by about {errors}"


def note_on_dev_figure(report: StudyReport) -> str:
    """Return one line on a study's figure, for listings and exported models; empty where there is none.

    A study whose test set is there, opened or sealed, has none either.
    """
    if report.has_test_set or report.winner is None or report.optimism is None:
        return ""
    return dev_figure_note(report.study, report.metric, report.winner.dev_metric, report.optimism)
