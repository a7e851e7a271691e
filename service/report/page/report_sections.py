"""The sections of a report, in their order: what page and Markdown have in common."""

from collections.abc import Sequence

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Section
from service.report.page.sections.answer import answer
from service.report.page.sections.appendix import appendix
from service.report.page.sections.failures import failures
from service.report.page.sections.learning import learning, reproduction, words
from service.report.page.sections.next_steps import next_steps
from service.report.page.sections.search import search
from service.report.page.sections.trust import trust


def report_sections(contents: ReportContents) -> Sequence[Section]:
    """Return a report's sections."""
    in_order = (answer, trust, search, learning, failures, next_steps, reproduction, appendix)
    sections = [section(contents) for section in in_order]
    return [*(section for section in sections if section.blocks), words()]
