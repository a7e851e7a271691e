"""The studies of a database as a table on the screen."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from service.report.facts.study_summaries import StudySummary, Wanted
from service.report.wording.numbers import dev_figure_note, metric_name, metric_text
from workers.metrics.metric import Metric


def print_studies(
    studies: Sequence[StudySummary],
    console: Console,
    *,
    refusals: Sequence[str] = (),
    none: str = "no studies yet: proctor run digits",
) -> None:
    """Print a line a study: what it is, how far it is, and whether its test set was opened.

    A study without one has a line more: its dev figure was selected on, and by about how much that flatters.
    So have one whose search went on after a look, and one of several rounds.

    Parameters
    ----------
    studies
        The studies.
    console
        The screen.
    refusals
        Why others cannot be read, a line each.
    none
        The text where there are no studies to show.
    """
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("study", overflow="fold")  # whole, to be copied
    table.add_column("table", min_width=6)
    table.add_column("state", no_wrap=True)
    last = "test set" if any(study.has_test_set for study in studies) else "held back"
    for column in ("trials", "complete", "pruned", "failed", "winner's dev", last):
        table.add_column(column, justify="right", no_wrap=True)
    for study in studies:
        best = "-" if study.dev_metric is None else metric_text(study.metric, study.dev_metric)
        table.add_row(
            Text(study.study, "bold"),
            Text(PurePath(study.table).name, no_wrap=True, overflow="ellipsis"),
            f"{study.state.value}, archived" if study.is_archived else study.state.value,
            f"{study.n_ended} of {study.budget}",
            f"{study.complete}",
            f"{study.pruned}",
            f"{study.failed}",
            best if study.metric is Metric.ERROR else f"{metric_name(study.metric)} {best}",
            _seal_text(study),
        )
    if studies:
        console.print(table)
        for note in [note for study in studies for note in _notes(study)]:
            console.print(Text(note, "dim"), soft_wrap=not console.is_terminal)
    elif not refusals:
        console.print(Text(none, "dim"))
    for refusal in refusals:
        console.print(Text(refusal, "yellow"), soft_wrap=True)


def _seal_text(study: StudySummary) -> str:
    if not study.has_test_set:
        return "none"
    return counted(study.looks, "look") if study.looks else "sealed"


def _notes(study: StudySummary) -> Iterator[str]:
    if study.rounds:
        best = f", the best is {study.best_round}" if study.best_round is not None else ""
        what = (
            f"contest of {', '.join(study.contest)}" if study.contest else counted(len(study.rounds), "round")
        )
        yield f"{study.study}: {what}{best}"
    if study.went_on_after_look:
        yield f"{study.study}: the search went on after a look at the test set"
    elif study.optimism is not None and study.dev_metric is not None:
        yield dev_figure_note(study.study, study.metric, study.dev_metric, study.optimism)


def none_like_that(wanted: Wanted, studies: Sequence[StudySummary], listing: str) -> str:
    """Say that no study is as it was asked for, and how many there are.

    Parameters
    ----------
    wanted
        What was asked for.
    studies
        All studies, one or more.
    listing
        The command that lists studies.
    """
    n_listed = len(Wanted().of(studies))
    n_put_away = len(studies) - n_listed
    words = f" matches {wanted.in_words}" if wanted.in_words else " is to be listed"
    there = f"`{listing}` lists {n_listed}" if wanted.in_words else ""
    put_away = f"`{listing} --archived` lists {n_put_away} more, archived" if n_put_away else ""
    return f"no study{words}: {', and '.join(filter(None, (there, put_away)))}"
