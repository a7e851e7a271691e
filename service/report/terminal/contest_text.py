"""A contest of kinds of model on the screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.report.facts.contest_facts import Contest
from service.report.wording.contest import (
    CAPTION,
    contest_cells,
    contest_headings,
    recommendation,
)
from workers.metrics.metric import Metric


def print_contest(contest: Contest, metric: Metric, console: Console) -> None:
    """Print the kinds side by side, and which to use; then an empty line.

    Parameters
    ----------
    contest
        The contest.
    metric
        What it was decided by.
    console
        The screen; a width of 80 is enough.
    """
    _, _, *headings = contest_headings(metric)
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for place, heading in enumerate(["Contest", *headings]):
        table.add_column(heading, justify="right" if place else "left", overflow="fold")
    for line in contest.kinds:
        kind, study, *others = contest_cells(line, contest, metric)
        name = kind if line.study is None else study  # which ends in the kind
        table.add_row(f"  {name}", *others, style="bold" if line.kind == contest.best else "")
    console.print(table)
    console.print(Text(f"  {CAPTION}"), soft_wrap=not console.is_terminal)
    advice = recommendation(contest, metric)
    if advice is not None:
        console.print(Text(advice, "bold"), soft_wrap=not console.is_terminal)
    console.print()
