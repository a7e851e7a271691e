"""The rounds of a study on the screen."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.advice.rounds.summary import RoundLine, Rounds
from service.report.wording.numbers import metric_name, metric_text
from workers.metrics import Metric


def print_rounds(rounds: Rounds, metric: Metric, console: Console) -> None:
    """Print what each round tried and reached, and why there are no more."""
    table = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("  round", "step", f"dev {metric_name(metric)}", "trials", "epochs", "trouble"):
        table.add_column(heading, justify="left" if heading in ("  round", "step", "trouble") else "right")
    for line in rounds.rounds:
        style = "bold" if line.study == rounds.winner else ""
        table.add_row(*_cells(line, metric), style=style)
    console.print(table)
    if rounds.ending is not None:
        console.print(Text(f"  no more rounds: {rounds.ending}"), soft_wrap=not console.is_terminal)
    console.print()


def _cells(line: RoundLine, metric: Metric) -> tuple[str, ...]:
    figure = "-" if line.dev_metric is None else metric_text(metric, line.dev_metric)
    trouble = line.trouble or "-"
    return f"  {line.study}", line.step or "-", figure, f"{line.trials}", f"{line.epochs:,}", trouble
