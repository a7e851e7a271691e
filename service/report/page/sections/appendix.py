"""Pictures for those who want to see all of it."""

from collections.abc import Iterator

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Picture, Section
from service.report.page.plots.learning import spread_picture
from service.report.page.plots.parallel import parallel_picture


def appendix(contents: ReportContents) -> Section:
    """Return the section; it has no blocks where there is nothing to draw."""
    return Section("appendix", "Appendix: more pictures", tuple(_pictures(contents)))


def _pictures(contents: ReportContents) -> Iterator[Picture]:
    found = [parallel_picture(contents), *(spread_picture(curve) for curve in contents.curves[:1])]
    yield from (picture for picture in found if picture is not None)
