"""The report's main lines, as a run ends with them; `proctor show` has all of it."""

from rich.console import Console
from rich.text import Text

from service.report.facts.study_report import StudyReport
from service.report.terminal.dev_figure_text import print_dev_figure
from service.report.terminal.figures_table import print_figures
from service.report.terminal.report_text import (
    print_dev_by_class,
    print_rounds,
    print_seal,
    print_winner,
)
from service.report.terminal.search_text import print_search
from service.report.wording.advice import expectation_text
from service.report.wording.final_figure import NOTHING_LEARNED, nothing_learned_text, warnings_of
from service.study.search.search_budget import EndingReason
from service.study.storage.next_command import next_command


def print_brief_report(report: StudyReport, console: Console) -> None:
    """Print winner, figures, the diagnosis in a sentence and what to try next.

    Parameters
    ----------
    report
        The report.
    console
        The screen; a width of 80 is enough.
    """
    console.print()
    nothing = nothing_learned_text(report)
    if nothing is not None:
        _say(console, (NOTHING_LEARNED, "bold red"), f": {nothing}")
    if not _went_as_planned(report):
        print_search(report, console)
    if report.rounds is not None:
        print_rounds(report.rounds, report.metric, console)
    if report.winner is None:
        _say(console, ("No trial is complete: there is no winner.", "red"))
    else:
        print_winner(report.winner, report, console, is_brief=True)
        print_figures(report.winner, report, console)
        print_dev_by_class(report, console)
    if report.has_test_set:
        print_seal(report, console, is_brief=True)
    else:
        print_dev_figure(report, console)
    if report.gaps is not None:
        _say(console, ("Diagnosis: ", "bold"), report.gaps.verdict)
    if report.advice:
        first = report.advice[0]
        _say(console, ("Next: ", "bold"), first.text, expectation_text(first, report.metric))
    for warning in warnings_of(report):
        _say(console, ("Warning: ", "yellow"), warning)
    whole = next_command(report.storage, "show", report.study)
    for lead, command in (("Reproduce", report.reproduce), ("More of this on the screen", whole)):
        console.print(Text.assemble((f"{lead}: ", "dim"), command), soft_wrap=True)


def _went_as_planned(report: StudyReport) -> bool:
    """Tell whether all trials were run, none failed, and none was set aside or made by another tool."""
    ended = report.ending is None or report.ending.reason is EndingReason.TRIALS
    return ended and not (report.failures or report.set_aside or report.foreign_trials)


def _say(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=not console.is_terminal)
