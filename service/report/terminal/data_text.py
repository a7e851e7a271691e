"""What was understood of a study's data, on the screen."""

import re
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from search_spaces.counted import counted
from service.data.checks.column_facts import ColumnFacts
from service.data.checks.data_check import DataCheck, FileFacts, FileRole
from service.data.checks.data_warning import DataWarning
from service.tables.column_kinds import ColumnKind

MOST_CLASSES_SHOWN = 12

_LEAST_WIDTH = 40
_LINE_TO_COPY = re.compile(r"\[\w+\] .+$|--\w+ (?:\d+|classification|regression)")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_ROLES = {FileRole.DEV_TABLE: "dev set from ", FileRole.TEST_TABLE: "test set from "}


def print_data(check: DataCheck, console: Console) -> None:
    """Print the sets, the target, the columns, and what to see to.

    Parameters
    ----------
    check
        What was understood.
    console
        The screen; a width of 80 is enough.
    """
    table, *others = check.files
    _say(console, f"{check.task} of {check.target} in {table.path}{_written(table)}")
    for file in others:
        _say(console, f"{_ROLES[file.role]}{file.path}{_written(file)}", indent="  ")
    sizes = ", ".join(f"{size:,} {name}" for name, size in check.n_examples.items())
    by = f", split by {check.split_by}" if check.split_by else ""
    folds = f", {check.n_folds} folds" if check.n_folds > 1 else ""
    _say(console, f"{sizes} examples{by}{folds}", indent="  ")
    if check.n_without_target:
        rows = counted(check.n_without_target, "row")
        _say(console, f"{rows} without a {check.target} left out", indent="  ")
    for note in check.notes:
        _say(console, note, indent="  ")
    if "test" in check.n_examples:
        sealed = "The test set's cells are not read: all that follows describes the other examples."
        _say(console, sealed, indent="  ", style="dim")
    console.print()
    _print_target(check, console)
    _print_columns(check, console)
    for warning in check.warnings:
        _print_warning(warning, console)
    if not check.warnings:
        _say(console, "Nothing to see to.", style="green")


def _written(file: FileFacts) -> str:
    """Say how a file is written where it is not as most are, and which sheet of a workbook it is."""
    unusual = []
    if file.delimiter not in {None, ","}:
        unusual.append(f"cells between {_DELIMITERS.get(str(file.delimiter), repr(file.delimiter))}")
    if file.encoding not in {None, "utf-8"}:
        unusual.append(str(file.encoding))
    if file.decimal_comma:
        unusual.append("decimal commas")
    if file.skipped_lines:
        unusual.append(f"{counted(file.skipped_lines, 'line')} before the header skipped")
    if file.sheet is not None:
        unusual.append(f"sheet {file.sheet}")
    return f" ({', '.join(unusual)})" if unusual else ""


def _print_target(check: DataCheck, console: Console) -> None:
    if check.numbers is not None:
        low, median, high = (
            f"{number:,.6g}" for number in (check.numbers.low, check.numbers.median, check.numbers.high)
        )
        _say(console, f"{check.target}: {low} to {high}, median {median}")
    else:
        total = sum(check.class_counts.values())
        shown = sorted(check.class_counts.items(), key=lambda item: -item[1])
        parts = [
            f"{name} {100 * count / total:.1f} % ({count:,})" for name, count in shown[:MOST_CLASSES_SHOWN]
        ]
        more = len(shown) - MOST_CLASSES_SHOWN
        _say(console, f"{check.target}: {', '.join(parts)}{f' and {more} more classes' if more > 0 else ''}")
    console.print()


def _print_columns(check: DataCheck, console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("column", overflow="fold", max_width=26)
    table.add_column("kind", no_wrap=True)
    table.add_column("missing", justify="right", no_wrap=True)
    table.add_column("distinct", justify="right", no_wrap=True)
    table.add_column("inputs", justify="right", no_wrap=True)
    table.add_column("values", no_wrap=True, overflow="ellipsis", ratio=1)
    pixels = [column for column in check.columns if column.kind is ColumnKind.IMAGE]
    for column in check.columns:
        if column.kind is not ColumnKind.IMAGE or len(pixels) == 1:
            table.add_row(*(Text(cell, "" if column.n_inputs else "dim") for cell in _row(column)))
        elif column is pixels[0]:
            table.add_row(*map(Text, _row_of_pixels(pixels)))
    console.print(table)
    n_inputs = sum(column.n_inputs for column in check.columns)
    said = "; * as set under [columns]" if any(column.is_said for column in check.columns) else ""
    _say(console, f"{counted(len(check.columns), 'column')}, {counted(n_inputs, 'input')}{said}", style="dim")
    for column in check.columns:
        if column.is_learned_from and column.reason:
            _say(console, f"{column.name} is read as {column.kind}: {column.reason}", style="dim")
    console.print()


def _row(column: ColumnFacts) -> tuple[str, ...]:
    return (
        column.name,
        f"{column.kind}{' *' if column.is_said else ''}",
        f"{column.missing:,}" if column.missing else "",
        f"{column.distinct:,}",
        f"{column.n_inputs:,}" if column.n_inputs else "-",
        ", ".join(column.values),
    )


def _row_of_pixels(columns: Sequence[ColumnFacts]) -> tuple[str, ...]:
    """Tell an image's columns in one row; nobody reads them one by one."""
    n_missing = sum(column.missing for column in columns)
    return (
        f"{columns[0].name} … {columns[-1].name}",
        f"{ColumnKind.IMAGE}",
        f"{n_missing:,}" if n_missing else "",
        f"{max(column.distinct for column in columns):,}",
        f"{sum(column.n_inputs for column in columns):,}",
        "",
    )


def _print_warning(warning: DataWarning, console: Console) -> None:
    subject = f"{warning.column}: " if warning.column is not None else ""
    lines = _filled(f"{warning.about}  {subject}{warning.sentence}", console, indent="", hanging="  ")
    text = Text(lines)
    text.stylize("yellow", 0, len(warning.about))
    console.print(text, soft_wrap=True)
    _say(console, warning.remedy, indent="  ")


def _say(console: Console, text: str, *, indent: str = "", style: str = "") -> None:
    console.print(Text(_filled(text, console, indent=indent, hanging=indent), style), soft_wrap=True)


def _filled(text: str, console: Console, *, indent: str, hanging: str) -> str:
    """Fill lines, and break none inside a flag or what is to be copied into a study file."""
    kept = _LINE_TO_COPY.sub(lambda match: match[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
    # textwrap breaks at ASCII spaces alone.
    lines = textwrap.wrap(
        kept,
        max(console.width, _LEAST_WIDTH),
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
