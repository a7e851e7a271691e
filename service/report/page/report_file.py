"""A report's file: its kind by its name's ending, there whole or not at all."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from secrets import token_hex

from service.configuration.study_config import plain_name
from service.errors import BadInputError
from service.report.facts.report_contents import ReportContents
from service.report.page.markdown import page_markdown
from service.report.page.page import page_html


class ReportKind(StrEnum):
    """What a report's file may be; the value is the ending."""

    HTML = ".html"
    MARKDOWN = ".md"
    JSON = ".json"


def report_kind(path: Path) -> ReportKind:
    """Return what a file is to be.

    Raises
    ------
    BadInputError
        When its name has another ending.
    """
    try:
        return ReportKind(path.suffix.lower())
    except ValueError:
        endings = ", ".join(ReportKind)
        raise BadInputError(f"a report's file ends in one of {endings}, got {path.name!r}") from None


def default_path(study: str) -> Path:
    """Return the report's place where none is named: in the working directory."""
    return Path(f"{plain_name(study)}-report{ReportKind.HTML}")


def write_report(contents: ReportContents, path: Path) -> None:
    """Write a report's file; one that is there makes way at the end, in one step.

    Parameters
    ----------
    contents
        The report and what its pictures need.
    path
        Its place; the ending says what it is.

    Raises
    ------
    BadInputError
        When the ending is another, or the place cannot be written.
    """
    text = _TEXTS[report_kind(path)](contents)
    try:
        _replace(path, text)
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror}") from error


def _json(contents: ReportContents) -> str:
    return contents.report.model_dump_json(indent=2) + "\n"


_TEXTS: dict[ReportKind, Callable[[ReportContents], str]] = {
    ReportKind.HTML: page_html,
    ReportKind.MARKDOWN: page_markdown,
    ReportKind.JSON: _json,
}


def _replace(path: Path, text: str) -> None:
    """Write beside the place and rename, so that a reader sees the old file or the new one."""
    place = path.resolve()  # a link stays one
    beside = place.with_name(f".{place.name}-{token_hex(4)}")
    try:
        with beside.open("x", encoding="utf-8") as file:
            file.write(text)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)
