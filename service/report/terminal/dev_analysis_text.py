"""Where the dev error lies: the slices that are clearly worse than the rest, a line each."""

from rich.console import Console
from rich.text import Text

from service.report.wording.numbers import counted, metric_name
from service.report.wording.slices import loss_metric, slice_figures, slice_name
from service.winner.examination.dev_analysis.values import DevAnalysis, ExampleLoss, Slice

MOST_SLICES = 3
"""The report on one screen names so many; all stand in its JSON."""


def print_dev_analysis(analysis: DevAnalysis, console: Console) -> None:
    """Print the clear slices, then an empty line; nothing where none is clear."""
    clear = [one for one in analysis.slices if one.is_clear][:MOST_SLICES]
    if not clear:
        return
    noun = analysis.loss.replace("_", " ")
    console.print(Text(f"Where the dev {noun} is higher beyond chance:", "bold"))
    for one in clear:
        line = f"  {slice_name(one)}: {_comparison(one, analysis.loss)}"
        console.print(Text(line), soft_wrap=not console.is_terminal)
    console.print()


def _comparison(one: Slice, loss: ExampleLoss) -> str:
    own, others = slice_figures(one, loss)
    size = f"{counted(one.n_examples, 'example')}, {100 * one.share_of_loss:.0f} % of it"
    return f"{metric_name(loss_metric(loss))} {own}, elsewhere {others} ({size})"
