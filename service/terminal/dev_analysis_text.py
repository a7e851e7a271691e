"""Where the dev error lies: the slices that are clearly worse than the rest, a line each."""

from collections.abc import Mapping
from math import sqrt

from rich.console import Console
from rich.text import Text

from service.examination.dev_analysis.values import DevAnalysis, ExampleLoss, Slice, SliceKind
from service.tables.csv_cells import LONGEST_SHOWN
from service.terminal.wording import counted, metric_name, metric_text
from workers.metrics import Metric

MOST_SLICES = 3
"""The report on one screen names so many; all stand in its JSON."""

_MEANS: Mapping[ExampleLoss, Metric] = {
    ExampleLoss.ERROR: Metric.ERROR,
    ExampleLoss.BALANCED_ERROR: Metric.BALANCED_ERROR,
    ExampleLoss.LOG_LOSS: Metric.LOG_LOSS,
    ExampleLoss.SQUARED_ERROR: Metric.RMSE,
    ExampleLoss.ABSOLUTE_ERROR: Metric.MAE,
}
"""What a mean of these losses is shown as."""


def print_dev_analysis(analysis: DevAnalysis, console: Console) -> None:
    """Print the clear slices, then an empty line; nothing where none is clear."""
    clear = [one for one in analysis.slices if one.is_clear][:MOST_SLICES]
    if not clear:
        return
    noun = analysis.loss.replace("_", " ")
    console.print(Text(f"Where the dev {noun} is higher beyond chance:", "bold"))
    for one in clear:
        line = f"  {_name(one)}: {_comparison(one, analysis.loss)}"
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print()


def _comparison(one: Slice, loss: ExampleLoss) -> str:
    metric = _MEANS[loss]
    means = (one.mean_loss, one.others_mean_loss)
    own, others = (metric_text(metric, sqrt(mean) if metric is Metric.RMSE else mean) for mean in means)
    size = f"{counted(one.n_examples, 'example')}, {100 * one.share_of_loss:.0f} % of it"
    return f"{metric_name(metric)} {own}, elsewhere {others} ({size})"


def _name(one: Slice) -> str:
    equals = " = " if one.kind in {SliceKind.CLASS, SliceKind.VALUE} else " "
    return f"{_printable(one.column)}{equals}{_printable(one.values)}"


def _printable(text: str) -> str:
    """Return what a file calls something, on one line, not endless, and without orders to the terminal."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
