"""A contest of kinds of model: side by side, and which to use."""

from collections.abc import Iterator

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Block, Paragraph, Section, Table
from service.report.wording.contest import (
    CAPTION,
    contest_cells,
    contest_headings,
    recommendation,
)


def contest(contents: ReportContents) -> Section:
    """Return the section; it has no blocks where the study is in no contest."""
    return Section("contest", "Which kind of model", tuple(_blocks(contents)))


def _blocks(contents: ReportContents) -> Iterator[Block]:
    found, metric = contents.report.contest, contents.report.metric
    if found is None:
        return
    advice = recommendation(found, metric)
    if advice is not None:
        yield Paragraph(advice)
    yield Table(
        caption=f"Kinds of model side by side: {CAPTION}",
        columns=contest_headings(metric),
        rows=tuple(contest_cells(line, found, metric) for line in found.kinds),
        n_words=2,
        strong=tuple(place for place, line in enumerate(found.kinds) if line.kind == found.best),
    )
