"""What next: gaps between the figures, what the search shows, steps to take, what more rows would bring."""

from collections.abc import Iterator

from service.advice.advised_steps import AdvisedStep
from service.advice.study_diagnosis import Gaps
from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.page.blocks import Block, Bullets, Paragraph, Section, Table
from service.report.page.winner_pictures import gap_picture, gap_rows, more_data_picture
from service.report.wording.advice import curve_lines, expectation_text, floor_lines, more_lines
from service.report.wording.numbers import capitalized, metric_name, size_text
from service.winner.learning_curve.learning_curve import LearningCurve
from workers.metrics.metric import Metric

_MEANS = {
    "avoidable bias": "it does worse on its train rows than the best known figure",
    "variance": "it does worse on rows that it did not learn from",
    "data mismatch": "dev rows differ in kind from train rows",
}
_NONE = {
    "avoidable bias": "none: it does no worse on its train rows than the best known figure",
    "variance": "none: it does no worse on rows that it did not learn from",
    "data mismatch": "none: it does no worse on dev rows",
}


def next_steps(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("next", "What next", tuple(_blocks(contents.report)))


def _blocks(report: StudyReport) -> Iterator[Block]:
    metric, gaps = report.metric, report.gaps
    if gaps is None:
        yield Paragraph("Advice is given once the winner has been measured.")
    else:
        yield Paragraph(f"{capitalized(gaps.verdict)}.", lead="In short.")
        yield gap_picture(gaps, metric)
        yield _gaps(gaps, metric)
        if lines := floor_lines(gaps):
            yield Paragraph(f"{lines[0]}.", lead="How good could any model get?")
            yield Bullets(tuple(f"{capitalized(line)}." for line in (*lines[1:], *more_lines(gaps))))
    if report.advice:
        yield Paragraph("", lead="Steps to try, the first one first")
        for place, step in enumerate(report.advice, start=1):
            yield from _step(place, step, metric)
    if report.findings:
        yield Paragraph("", lead="What the whole search shows")
        yield Bullets(tuple(f"{capitalized(finding.text)}." for finding in report.findings))
    if report.learning_curve is not None:
        yield from _more_data(report.learning_curve, metric)


def _gaps(gaps: Gaps, metric: Metric) -> Table:
    """Return the gaps and what each would mean, in R² as well where that says more."""
    in_r_squared = {} if metric is Metric.R_SQUARED else gaps.in_r_squared or {}
    columns: tuple[str, ...] = ("gap", "what it means", "size", "± 2 s.e.")
    rows: list[tuple[str, ...]] = []
    for name, of, size, error in gap_rows(gaps, metric):
        cells: tuple[str, ...] = (
            f"{name} ({of})",
            (_MEANS if size > 0 else _NONE)[name],
            size_text(metric, size),
            size_text(metric, 2 * error),
        )
        if in_r_squared:
            cells = (*cells, f"{in_r_squared[name]:.3f}" if name in in_r_squared else "-")
        rows.append(cells)
    if in_r_squared:
        columns = (*columns, "in R²")
    caption = f"What the winner's {metric_name(metric)} is made of"
    return Table(caption, columns, tuple(rows), n_words=2)


def _step(place: int, step: AdvisedStep, metric: Metric) -> Iterator[Block]:
    yield Paragraph(f"{capitalized(step.text)}{expectation_text(step, metric)}.", lead=f"{place}.")
    if step.evidence:
        yield Bullets(tuple(map(capitalized, step.evidence)))


def _more_data(curve: LearningCurve, metric: Metric) -> Iterator[Block]:
    picture = more_data_picture(curve, metric)
    if picture is not None:
        yield picture
    left_out = (f"{each.n_examples:,} train rows are left out: {each.reason}." for each in curve.left_out)
    yield Bullets((*curve_lines(curve), *left_out))
