"""Two studies side by side: what each took, and by each metric the difference with what it shows."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.report.facts.comparison import Comparison, MetricComparison, Side, Verdict
from service.report.wording.numbers import duration_text, metric_name, metric_text, size_text
from workers.metrics.metric import Metric


def print_comparison(found: Comparison, console: Console) -> None:
    """Print two studies' winners on the dev set, with the noise."""
    console.print(_studies(found))
    console.print()
    console.print(_figures(found))
    for line in comparison_lines(found):
        console.print(Text(line), soft_wrap=not console.is_terminal)
    for by_own in found.chosen_by:
        line = f"By {metric_name(by_own.metric)}: {verdict_line(found, by_own)}"
        console.print(Text(line, "bold"), soft_wrap=not console.is_terminal)
    for warning in found.warnings:
        text = Text.assemble(("Warning: ", "yellow"), warning)
        console.print(text, soft_wrap=not console.is_terminal)


def verdict_line(found: Comparison, by_metric: MetricComparison) -> str:
    """Say in a line what can be said by one metric."""
    better = found.better(by_metric)
    if better is not None:
        return f"{better} is better on the dev set"
    if by_metric.verdict is Verdict.UNKNOWN:
        return "these figures cannot show whether the difference is more than noise"
    return "no clear difference: the interval includes 0"


def comparison_lines(found: Comparison) -> list[str]:
    """Say which difference is meant, how intervals were made, and what both figures have in common."""
    methods = dict.fromkeys(by_own.method for by_own in found.chosen_by)
    names = f"{found.second.study} - {found.first.study}"
    return [
        f"  difference: {names}, with its 95 % interval ({'; '.join(methods)})",
        "  both winners were selected on their dev figures, so both figures are optimistic",
    ]


def _studies(found: Comparison) -> Table:
    table = _table()
    table.add_column("study", overflow="fold")  # whole, to be copied
    for heading in ("winner", "chosen by", "seeds", "trials", "epochs", "training"):
        table.add_column(heading, justify="right", no_wrap=True)
    for side in (found.first, found.second):
        table.add_row(*_row(side))
    return table


def _row(side: Side) -> tuple[Text, ...]:
    cells = (
        f"trial {side.winner}",
        metric_name(side.metric),
        f"{side.n_seeds}",
        f"{side.n_trials:,}",
        f"{side.epochs:,}",
        duration_text(side.training_seconds),
    )
    return Text(side.study, "bold"), *map(Text, cells)


def _figures(found: Comparison) -> Table:
    """Return a row a metric: those that the winners were chosen by in bold."""
    table = _table()
    table.add_column("on the dev set")
    for name in (found.first.study, found.second.study):
        table.add_column(name, justify="right", overflow="fold")
    table.add_column("difference", justify="right", no_wrap=True)
    table.add_column("better", overflow="fold")
    for by_metric in found.metrics:
        style = "bold" if by_metric in found.chosen_by else ""
        cells = (
            metric_name(by_metric.metric),
            *(metric_text(by_metric.metric, side.figure) for side in (by_metric.first, by_metric.second)),
            _difference(by_metric),
            found.better(by_metric) or "-",
        )
        table.add_row(*(Text(cell, style) for cell in cells))
    return table


def _table() -> Table:
    return Table(box=None, padding=(0, 2, 0, 0), header_style="dim")


def _difference(found: MetricComparison) -> str:
    """Return the difference with its interval."""
    metric = found.metric
    size = _signed(metric, found.difference)
    if found.interval is None:
        return size
    low, high = (_signed(metric, end).removesuffix(" points") for end in found.interval)
    return f"{size.removesuffix(' points')} ({low} to {high})"


def _signed(metric: Metric, size: float) -> str:
    """Return a difference with its sign."""
    sign = "-" if size < 0 else "+" if size > 0 else ""
    return sign + size_text(metric, abs(size))
