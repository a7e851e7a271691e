"""The report as Markdown, and the note on a study that optuna-dashboard shows.

The report has the same sections as the page, with what pictures show, and their numbers, in the pictures'
place. Texts that come in are escaped, so that a name is never taken for a table, a link or HTML.

The note has the dev figure, the winner and the next step. Test figures have no place in it: it is an
attribute of the study, and nothing may be chosen by them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.page.blocks import (
    Block,
    Bullets,
    Command,
    Folded,
    Headline,
    Numbers,
    Paragraph,
    Picture,
    Section,
    Table,
)
from service.report.page.page import as_table
from service.report.page.report_sections import report_sections
from service.report.page.sections.answer import dev_sentence
from service.report.page.words import title_of
from service.report.wording.final_figure import after_look_short
from service.report.wording.numbers import metrics_text
from service.study.storage.database_url import next_command

MOST_ROWS = 30
"""Of a picture's numbers: evenly chosen ones of more."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#$])")
_LINE_START = re.compile(r"^(\d*)([-+=]|(?<=\d)[.)](?=\s|$))")
_BREAKS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+\s*")


def page_markdown(contents: ReportContents) -> str:
    """Return a report as Markdown, as GitHub reads it.

    Parameters
    ----------
    contents
        What it shows.
    """
    parts = [f"# {escaped(title_of(contents.report))}", f"Study {escaped(contents.report.study)}"]
    for section in report_sections(contents):
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return a text such that Markdown shows it as it is, on one line."""
    plain = _BREAKS.sub(" ", text).strip().replace("&", "&amp;")
    return _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", plain))


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    for block in section.blocks:
        yield from block_markdown(block)


def block_markdown(block: Block) -> Iterator[str]:
    """Yield a block's paragraphs."""
    match block:
        case Headline():
            more = f" ({escaped(block.interval)})" if block.interval else ""
            yield f"**{escaped(block.figure)}** {escaped(block.label)}{more}"
        case Paragraph():
            lead = f"**{escaped(block.lead)}** " if block.lead else ""
            quote = "> " if block.is_warning else ""
            yield f"{quote}{lead}{escaped(block.text)}".rstrip()
        case Bullets():
            yield "\n".join(f"- {escaped(item)}" for item in block.items)
        case Command():
            yield fenced(block.text)
        case Table():
            yield f"**{escaped(block.caption)}**"
            yield _table(block)
        case Numbers():
            yield from _numbers(block)
        case Picture():
            yield from _picture(block)
        case Folded():
            yield f"**{escaped(block.summary)}**"
            for inside in block.blocks:
                yield from block_markdown(inside)


def fenced(text: str) -> str:
    """Return a text as code, inside a fence that is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _table(table: Table) -> str:
    rules = ("---" if place < table.n_words else "---:" for place in range(len(table.columns)))
    rows = (table.columns, tuple(rules), *table.rows)
    return "\n".join(
        "| " + " | ".join(cell if place == 1 else escaped(cell) for cell in row) + " |"
        for place, row in enumerate(rows)
    )


def _picture(picture: Picture) -> Iterator[str]:
    """Yield what is to be seen in a picture, and its numbers where they stand nowhere else.

    Its caption has no place here: it says how the drawing is read.
    """
    stop = "" if picture.title.endswith("?") else "."
    seen = picture.alternative.removesuffix(".")
    yield f"**{escaped(picture.title)}{stop}** {escaped(seen)}."
    if isinstance(picture.numbers, Numbers):
        yield from _numbers(picture.numbers)


def _numbers(numbers: Numbers) -> Iterator[str]:
    n = len(numbers.rows)
    shown = numbers.rows
    if n > MOST_ROWS:
        shown = tuple(numbers.rows[round(place * (n - 1) / (MOST_ROWS - 1))] for place in range(MOST_ROWS))
        yield f"{MOST_ROWS} of the {n:,} rows of {escaped(numbers.name)}; the page holds all of them."
    if shown:
        yield _table(as_table(replace(numbers, rows=shown)))


def dashboard_note(report: StudyReport) -> str:
    """Return the note.

    Parameters
    ----------
    report
        The study's report.
    """
    parts = [f"## {escaped(title_of(report))}"]
    winner = report.winner
    if winner is None:
        parts.append("There is no winner yet.")
    else:
        chosen = f"chosen on the dev set by {metrics_text(report.metric, report.watch)}"
        parts += [f"**Winner: trial {winner.trial}**, {chosen}.", escaped(dev_sentence(report, winner))]
    if (after := after_look_short(report, with_figures=False)) is not None:
        parts.append(f"**Note:** {escaped(after)}.")
    if report.advice:
        parts.append(f"**Next:** {escaped(report.advice[0].text)}.")
    commands = [next_command(report.storage, command, report.study) for command in ("show", "report")]
    if report.has_test_set:
        parts.append("The test figure, once there is one, is kept apart, so that nothing is chosen by it:")
    else:
        parts.append("The whole report:")
    return "\n\n".join([*parts, fenced("\n".join(commands))]) + "\n"
