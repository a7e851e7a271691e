"""The winner's own sections: how it learned, and where it fails on the dev set.

Failures are shown by class, by probability, by kind of row and by single row.
"""

from collections.abc import Iterator

from search_spaces.counted import counted
from service.configuration.model_config import model_noun
from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.page.blocks import Block, Paragraph, Section, Table
from service.report.page.drawing import number_text
from service.report.page.winner_pictures import calibration_picture, curve_numbers, learning_pictures
from service.report.page.words import table_name
from service.report.wording.numbers import metric_name, share_text
from service.report.wording.winner import loss_metric, printable, slice_figures
from service.winner.examination.dev_analysis.values import (
    Confusion,
    DevAnalysis,
    ExampleLoss,
    Residuals,
    Slice,
    WorstExample,
)
from workers.train_dev_data import Task


def learning(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("learning", "How it learned", tuple(_curves(contents)))


def _curves(contents: ReportContents) -> Iterator[Block]:
    if not contents.curves:
        yield Paragraph("There is no winner yet whose learning curves could be shown.")
        return
    yield from learning_pictures(contents.curves, contents.report.metric)
    yield curve_numbers(contents.curves, contents.report.metric)


def failures(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("failures", "Where it fails", tuple(_failures(contents.report)))


def _failures(report: StudyReport) -> Iterator[Block]:
    analysis = report.dev_analysis
    if analysis is None:
        yield Paragraph(_why_not(report))
        return
    drawn = f", drawn at random from {analysis.n_dev:,}" if analysis.n_examples < analysis.n_dev else ""
    yield Paragraph(
        f"All of this comes from {analysis.n_examples:,} dev rows{drawn}, which the winner was chosen by."
        " Test rows are not shown one by one, so that they can serve for another evaluation."
    )
    if analysis.confusion is not None:
        yield _reading_of(analysis.confusion)
        yield confusion_table(analysis.confusion)
    calibration = calibration_picture(
        analysis.calibration, report.task, target=report.target, of_class=analysis.calibrated_class
    )
    if calibration is not None:
        yield calibration
    if analysis.residuals is not None:
        yield _quantiles(analysis.residuals)
    yield from _slices(analysis)
    if analysis.worst_examples:
        yield _worst(analysis.worst_examples, report)


def _why_not(report: StudyReport) -> str:
    if report.winner is None:
        return "There is no winner yet whose mistakes could be shown."
    if report.winner.folds is not None:
        noun = model_noun(report.model)
        return (
            f"Parts of the rows took turns as dev set, each with its own {noun}, so there is no single"
            f" {noun} whose mistakes could be shown."
        )
    return "The winner's mistakes on the dev set were not examined."


def confusion_table(confusion: Confusion) -> Table:
    """Return how often each class was taken for each; shades are shares of the true class."""
    totals = [max(sum(row), 1) for row in confusion.counts]
    return Table(
        caption="What each class was predicted as",
        columns=("true class", *map(printable, confusion.classes)),
        rows=tuple(
            (printable(name), *(f"{count:,}" if count else "·" for count in row))
            for name, row in zip(confusion.classes, confusion.counts, strict=True)
        ),
        shades=tuple(
            tuple(count / total for count in row) for row, total in zip(confusion.counts, totals, strict=True)
        ),
    )


def _reading_of(confusion: Confusion) -> Paragraph:
    """Say how the table is read."""
    n = confusion.n_left_out
    rare = (
        f" {counted(n, 'row')} of rarer classes, or predicted as them, {'is' if n == 1 else 'are'} left out."
    )
    return Paragraph(
        "Each row of the table is a true class, each column a predicted one; the darker a cell, the larger"
        f" its share of the true class.{rare if n else ''}"
    )


def _quantiles(residuals: Residuals) -> Table:
    return Table(
        caption="How far predictions are too high (above 0) or too low (below 0): quantiles of predicted"
        " - actual",
        columns=tuple(residuals.quantiles),
        rows=(tuple(number_text(value) for value in residuals.quantiles.values()),),
        n_words=0,
    )


def _slices(analysis: DevAnalysis) -> Iterator[Block]:
    """Show the kinds of rows that are worse beyond chance; the JSON report has the others too."""
    clear = [each for each in analysis.slices if each.is_clear]
    if not clear:
        if analysis.n_slices:
            yield Paragraph(
                f"Of the {analysis.n_slices:,} groups of rows that were examined, none is worse than the"
                " rest beyond chance.",
                lead="Kinds of rows.",
            )
        return
    figure = metric_name(loss_metric(analysis.loss))
    yield Table(
        caption=f"Kinds of rows on which it does worse than elsewhere beyond chance, of {analysis.n_slices:,}"
        " examined",
        columns=("column", "values", "rows", figure, "elsewhere", "share of total loss"),
        rows=tuple(_slice_row(each, analysis.loss) for each in clear),
        n_words=2,
    )


def _slice_row(each: Slice, loss: ExampleLoss) -> tuple[str, ...]:
    return (
        printable(each.column),
        printable(each.values),
        f"{each.n_examples:,}",
        *slice_figures(each, loss),
        share_text(each.share_of_loss),
    )


def _worst(examples: tuple[WorstExample, ...], report: StudyReport) -> Table:
    """Return the rows with the largest losses and some of their cells, which are dev rows' alone."""
    largest, loss = ("log loss", "log loss") if report.task is Task.CLASSIFICATION else ("error", "off by")
    names = tuple(examples[0].cells)
    return Table(
        caption=f"Dev rows with the largest {largest}{', and their cells' if names else ''}. Some may be"
        " mislabeled",
        columns=("file", "row", f"actual {report.target}", "predicted", loss, *map(printable, names)),
        rows=tuple(
            (
                table_name(each.file),
                f"{each.row:,}",
                printable(each.actual),
                printable(each.predicted),
                number_text(each.loss),
                *(printable(each.cells.get(name) or "-") for name in names),
            )
            for each in examples
        ),
        n_words=5 + len(names),
    )
