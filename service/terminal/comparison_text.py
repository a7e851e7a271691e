"""Two studies side by side: a row each, the difference, and what can be said of it."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.reporting.comparison import Comparison, Side
from service.wording.numbers import duration_text, mean_text, metric_name, size_text
from workers.metrics import Metric


def print_comparison(found: Comparison, console: Console) -> None:
    """Print two studies' winners on the dev set, with the noise."""
    metric = found.metric
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("study", overflow="fold")  # whole, to be copied
    has_seeds = any(side.deviation is not None for side in (found.first, found.second))
    figure = f"dev {metric_name(metric)}" + (" ± deviation" if has_seeds else "")
    for heading in ("winner", figure, "seeds", "trials", "epochs", "training"):
        table.add_column(heading, justify="right", no_wrap=True)
    for side in (found.first, found.second):
        table.add_row(*_row(side, metric))
    console.print(table)
    for line in comparison_lines(found):
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print(Text(found.verdict, "bold"), soft_wrap=not console.is_terminal)
    for warning in found.warnings:
        text = Text.assemble(("Warning: ", "yellow"), warning)
        console.print(text, soft_wrap=not console.is_terminal)


def comparison_lines(found: Comparison) -> list[str]:
    """Return the difference with its interval, and what both figures have in common."""
    names = f"{found.second.study} - {found.first.study}"
    line = f"difference ({names}): {_signed(found.metric, found.difference)}"
    if found.interval is not None:
        low, high = (_signed(found.metric, end) for end in found.interval)
        line += f", 95 % interval {low} to {high}"
    return [line, f"  ({found.method}; both were selected on the dev set, so both flatter)"]


def _signed(metric: Metric, size: float) -> str:
    """Return a difference with its sign."""
    sign = "-" if size < 0 else "+" if size > 0 else ""
    return sign + size_text(metric, abs(size))


def _row(side: Side, metric: Metric) -> tuple[Text, ...]:
    cells = (
        f"trial {side.winner}",
        mean_text(metric, side.figure, side.deviation),
        f"{side.n_seeds}",
        f"{side.n_trials:,}",
        f"{side.epochs:,}",
        duration_text(side.training_seconds),
    )
    return Text(side.study, "bold"), *map(Text, cells)
