"""The winner's figures on the screen: beside those of baselines, by class, and where it errs beyond chance.

In a study without a test set, the dev figure is all there is: it is shown as one that was selected on.
"""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from service.report.facts.optimism import expected_maximum
from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Figures, Winner
from service.report.wording.numbers import (
    dev_figure_note,
    mean_text,
    metric_name,
    metric_text,
    optimism_text,
    size_text,
)
from service.report.wording.winner import (
    by_class_lines,
    by_model_and_set,
    folds_sentence,
    loss_metric,
    other_name,
    shipped_name,
    slice_figures,
    slice_name,
)
from service.winner.examination.dev_analysis.values import DevAnalysis, ExampleLoss, Slice
from workers.metrics.metric import BALANCED, Metric
from workers.train_dev_data import Task

FOLDS_NOTE = "dev: mean of the folds; its s.e. is too small, as folds share examples"
"""What must be known of a table of figures over folds, beside what models they are of."""

NEVER_OPENED = "-"
"""In place of a test figure of what is not shipped: there is none, and there will be none."""

MOST_SETS_OF_TWO_METRICS = 3
"""Columns that 80 characters hold with two figures a cell; of more sets the second has a row of its own."""


def print_figures(winner: Winner, report: StudyReport, console: Console) -> None:
    """Print the winner's figures and the baselines', set by set in the sets' order, once they are known.

    Where there is a test set that was not opened, its cells say so. Where an
    average is shipped, the winner's own model stands below it.
    """
    if winner.figures is None:
        return
    names_of_sets = (*winner.figures, *(("test",) if report.has_test_set else ()))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("  ")
    over = f", {len(winner.folds.metrics)} folds" if winner.folds else ""
    for name in names_of_sets:
        table.add_column(f"{name}{over}" if name == "dev" else name, justify="right")
    metrics, rows_below = _shown_metrics(report.metric, n_sets=len(names_of_sets))
    for model, by_set in by_model_and_set(winner, report).items():
        style = "bold" if model == shipped_name(winner) else ""
        unknown = NEVER_OPENED if model == other_name(winner) else "sealed"
        cells = [_cell(by_set[name], metrics) if name in by_set else unknown for name in names_of_sets]
        table.add_row(Text(f"  {model}", style), *[Text(cell, style) for cell in cells])
        for metric in rows_below:
            below = [_cell(by_set[name], (metric,)) if name in by_set else "" for name in names_of_sets]
            name = _name_below(metric, report.metric)
            table.add_row(Text(f"    {name}", "dim"), *[Text(cell, "dim") for cell in below])
    console.print(table)
    notes = (
        " / ".join(map(_figure_name, metrics)),
        *((FOLDS_NOTE, folds_sentence(winner)) if winner.folds else ()),
    )
    for note in notes:
        console.print(Text(f"  {note}", "dim"), soft_wrap=not console.is_terminal)
    console.print()


def _shown_metrics(metric: Metric, *, n_sets: int) -> tuple[tuple[Metric, ...], tuple[Metric, ...]]:
    """Return the metrics of a cell, the study's first, and those that have a row of their own below."""
    if metric.task is Task.CLASSIFICATION:
        beside = Metric.ERROR if metric is Metric.LOG_LOSS else Metric.LOG_LOSS
    else:
        beside = Metric.RMSE if metric is Metric.R_SQUARED else Metric.R_SQUARED
    plain = (Metric.ERROR,) if metric is Metric.BALANCED_ERROR else ()
    if n_sets > MOST_SETS_OF_TWO_METRICS:
        return (metric,), (beside, *plain)
    return (metric, beside), plain


def _name_below(metric: Metric, of_study: Metric) -> str:
    is_plain = metric is Metric.ERROR and of_study is Metric.BALANCED_ERROR
    return "plain error" if is_plain else _figure_name(metric)


def _figure_name(metric: Metric) -> str:
    return f"{metric_name(metric)} (nats)" if metric is Metric.LOG_LOSS else metric_name(metric)


def _cell(figures: Figures, metrics: tuple[Metric, ...]) -> str:
    return " / ".join(metric_text(metric, figures[metric]) for metric in metrics)


def print_test_by_class(report: StudyReport, console: Console) -> None:
    """Print what a test figure of unbalanced classes hides; nothing of a sealed test set."""
    found = report.test.by_class if report.test is not None else None
    if found is not None and (report.metric in BALANCED or found.is_unbalanced):
        _print(by_class_lines(found), console)


def print_dev_by_class(report: StudyReport, console: Console) -> None:
    """Print what a dev figure of unbalanced classes hides, unless a test figure shows it; then a line."""
    found = report.winner.dev_by_class if report.winner is not None else None
    if found is None or report.test is not None:
        return
    if report.metric in BALANCED or found.is_unbalanced:
        plain, of_class = by_class_lines(found)
        _print((f"dev {plain}", of_class), console)
        console.print()


def _print(lines: tuple[str, str], console: Console) -> None:
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=not console.is_terminal)


MOST_SLICES = 3
"""The report on one screen names so many; all stand in its JSON."""


def print_dev_analysis(analysis: DevAnalysis, console: Console) -> None:
    """Print the clear slices, then an empty line; nothing where none is clear."""
    clear = [one for one in analysis.slices if one.is_clear][:MOST_SLICES]
    if not clear:
        return
    noun = analysis.loss.replace("_", " ")
    console.print(Text(f"Where the dev {noun} is higher beyond chance:", "bold"))
    for one in clear:
        line = f"  {slice_name(one)}: {_comparison(one, analysis.loss)}"
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print()


def _comparison(one: Slice, loss: ExampleLoss) -> str:
    own, others = slice_figures(one, loss)
    size = f"{counted(one.n_examples, 'example')}, {100 * one.share_of_loss:.0f} % of it"
    return f"{metric_name(loss_metric(loss))} {own}, elsewhere {others} ({size})"


BEFORE_THE_SEARCH = (
    "no rows are held back: the figure will be a dev figure, optimistic because the winner is selected on it"
)
"""The study's first line of it."""


def print_dev_figure(report: StudyReport, console: Console) -> None:
    """Print the winner's dev figure as what it is: selected on, and optimistic by about so much."""
    winner, optimism = report.winner, report.optimism
    if winner is None or optimism is None:
        return
    metric, of_average = report.metric, report.selection_bootstrap if winner.ensemble else None
    error = winner.folds.standard_error if winner.folds else None
    shipped = winner.ensemble.dev_metric if winner.ensemble else winner.dev_metric
    figure = f"Dev {metric_name(metric)} {mean_text(metric, shipped, error)}"
    selected = f": the winner was selected on it, among {counted(optimism.n_trials, 'trial')}"
    console.print(Text.assemble((figure, "bold"), selected), soft_wrap=not console.is_terminal)
    size, without = optimism_text(metric, optimism), optimism.without
    if of_average is not None:
        size, without = size_text(metric, max(of_average.size, 0.0)), of_average.without
    about = f"  So it is optimistic, by about {size}"
    if without is not None:
        about += f": on new examples expect about {metric_text(metric, without)}"
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
