"""What was understood of a study's data, on the screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.checking.data_check import DataCheck
from service.checking.data_warnings import DataWarning
from service.terminal.wording import counted

MOST_CLASSES_SHOWN = 12
LARGE_SKEWNESS = 1.5


def print_data(check: DataCheck, console: Console) -> None:
    """Print the sets, the target, the columns, and what to see to.

    Parameters
    ----------
    check
        What was understood.
    console
        The screen; a width of 80 is enough.
    """
    _say(console, f"{check.task} of {check.target} in {', '.join(check.files)}")
    sizes = ", ".join(f"{size:,} {name}" for name, size in check.n_examples.items())
    _say(console, f"  {sizes} examples{f', {check.n_folds} folds' if check.n_folds > 1 else ''}")
    if check.n_without_target:
        _say(console, f"  {counted(check.n_without_target, 'row')} without a {check.target} left out")
    for note in check.notes:
        _say(console, f"  {note}")
    _say(console, "  The test set's cells are not looked at: all that follows is of the others.", style="dim")
    console.print()
    _print_target(check, console)
    _print_columns(check, console)
    for warning in check.warnings:
        _print_warning(warning, console)
    if not check.warnings:
        _say(console, "Nothing to see to.", style="green")


def _print_target(check: DataCheck, console: Console) -> None:
    if check.numbers is not None:
        numbers = check.numbers
        _say(
            console,
            f"{check.target}: {numbers.low:,.6g} to {numbers.high:,.6g}, median {numbers.median:,.6g}",
        )
        if numbers.has_logarithm and numbers.skewness > LARGE_SKEWNESS:
            _say(console, "  few are far above the others: [data] log_target = true learns their logarithm")
        console.print()
        return
    total = sum(check.class_counts.values())
    shown = sorted(check.class_counts.items(), key=lambda item: -item[1])
    parts = [f"{name} {100 * count / total:.1f} % ({count:,})" for name, count in shown[:MOST_CLASSES_SHOWN]]
    more = len(shown) - MOST_CLASSES_SHOWN
    _say(console, f"{check.target}: {', '.join(parts)}{f' and {more} more classes' if more > 0 else ''}")
    console.print()


def _print_columns(check: DataCheck, console: Console) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("column", overflow="fold", max_width=26)
    table.add_column("kind", no_wrap=True)
    table.add_column("missing", justify="right")
    table.add_column("distinct", justify="right")
    table.add_column("values", no_wrap=True, overflow="ellipsis", ratio=1)
    for column in check.columns:
        style = "" if column.is_learned_from else "dim"
        table.add_row(
            Text(column.name, style),
            Text(f"{column.kind}{' *' if column.is_said else ''}", style),
            Text(f"{column.missing:,}" if column.missing else "", style),
            Text(f"{column.distinct:,}", style),
            Text(", ".join(column.values), style),
        )
    console.print(table)
    if any(column.is_said for column in check.columns):
        _say(console, "* as said under [columns]", style="dim")
    console.print()


def _print_warning(warning: DataWarning, console: Console) -> None:
    subject = f"{warning.column}: " if warning.column is not None else ""
    console.print(
        Text.assemble((f"{warning.about}  ", "yellow"), f"{subject}{warning.sentence}"), soft_wrap=True
    )
    console.print(Text(f"  {warning.remedy}"), soft_wrap=True)


def _say(console: Console, text: str, *, style: str = "") -> None:
    console.print(Text(text, style), soft_wrap=True)
