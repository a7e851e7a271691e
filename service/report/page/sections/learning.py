"""How the winner learned, and how to get the same study again."""

from collections.abc import Iterator

from service.report.facts.report_contents import ReportContents
from service.report.page.blocks import Block, Command, Paragraph, Section, Table
from service.report.page.names import WORDS
from service.report.page.plots.learning import curve_numbers, learning_pictures


def learning(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("learning", "How it learned", tuple(_blocks(contents)))


def _blocks(contents: ReportContents) -> Iterator[Block]:
    if not contents.curves:
        yield Paragraph("There is no winner yet whose learning curves could be shown.")
        return
    yield from learning_pictures(contents.curves, contents.report.metric)
    yield curve_numbers(contents.curves, contents.report.metric)


def reproduction(contents: ReportContents) -> Section:
    """Return the section."""
    report = contents.report
    facts = {
        "table": report.table,
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
