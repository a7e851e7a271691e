"""The sections of a report, in their order: what page and Markdown have in common.

The small ones at its end are made here: how to get the same study again, further pictures, and the words.
"""

from collections.abc import Iterator, Sequence

from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.page.blocks import Command, Paragraph, Picture, Section, Table
from service.report.page.sections.answer import answer
from service.report.page.sections.contest import contest
from service.report.page.sections.next_steps import next_steps
from service.report.page.sections.search import search
from service.report.page.sections.trust import trust
from service.report.page.sections.winner import failures, learning
from service.report.page.trial_pictures import parallel_picture
from service.report.page.winner_pictures import spread_picture
from service.report.page.words import WORDS


def report_sections(contents: ReportContents) -> Sequence[Section]:
    """Return a report's sections."""
    in_order = (answer, contest, trust, search, learning, failures, next_steps, reproduction, appendix)
    sections = [section(contents) for section in in_order]
    return [*(section for section in sections if section.blocks), words()]


def _own_model(report: StudyReport) -> dict[str, str]:
    own = report.own_model
    return {} if own is None else {"model": own.code, "SHA-256 of the model's file": own.sha256}


def reproduction(contents: ReportContents) -> Section:
    """Return the section."""
    report = contents.report
    facts = {
        "table": report.table,
        **_own_model(report),
        "seed": f"{report.seed}",
        "concurrency": f"{report.concurrency}",
        **{f"fingerprint of {name}": fingerprint for name, fingerprint in contents.fingerprints.items()},
        **contents.versions,
        **{name: value for name, value in contents.machine.items() if value is not None},
        "kept in": report.storage,
    }
    return Section(
        "reproduce",
        "How to reproduce it",
        (
            Paragraph(
                "With the same table, the same kind of processor and the same versions, this command gives"
                " the same study again, to the last bit:"
            ),
            Command(report.reproduce),
            Paragraph(
                "This does not hold where the study had limits in seconds or memory, or points enqueued by"
                " hand; a study that began with another study's best points needs that study."
            ),
            Table(
                caption="What it ran with",
                columns=("what", "value"),
                rows=tuple(facts.items()),
                n_words=2,
            ),
        ),
    )


def words() -> Section:
    """Return the words of the report and what they mean."""
    table = Table(caption="What the words mean here", columns=("word", "meaning"), rows=WORDS, n_words=2)
    return Section("words", "Words", (table,))


def appendix(contents: ReportContents) -> Section:
    """Return the section; it has no blocks where there is nothing to draw."""
    return Section("appendix", "Appendix: more pictures", tuple(_pictures(contents)))


def _pictures(contents: ReportContents) -> Iterator[Picture]:
    found = [parallel_picture(contents), *(spread_picture(curve) for curve in contents.curves[:1])]
    yield from (picture for picture in found if picture is not None)
