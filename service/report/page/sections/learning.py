"""How the winner learned: its curves over several seeds, and what its layers give."""

from collections.abc import Iterator

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Block, Paragraph, Section
from service.report.page.plots.learning import curve_numbers, learning_pictures
from service.report.page.plots.spreads import spread_picture


def learning(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("learning", "How it learned", tuple(_blocks(contents)))


def _blocks(contents: ReportContents) -> Iterator[Block]:
    if not contents.curves:
        yield Paragraph("There is no winner yet whose learning could be shown.")
        return
    yield from learning_pictures(contents.curves, contents.report.metric)
    spreads = spread_picture(contents.curves[0])
    if spreads is not None:
        yield spreads
    yield curve_numbers(contents.curves, contents.report.metric)
