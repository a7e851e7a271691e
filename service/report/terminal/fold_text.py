"""A trial's folds on the screen: what each gave, and the epochs that it took."""

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.report.wording.numbers import mean_text, metric_name, metric_text
from workers.metrics import Metric


def print_folds(attributes: Mapping[str, Any], metric: Metric, console: Console) -> None:
    """Print a line a fold, and their mean with its standard error.

    Parameters
    ----------
    attributes
        The trial's, from storage; a fold that was begun and is not whole has no figure.
    metric
        The study's.
    console
        The screen.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("fold", f"dev {metric_name(metric)}", "best epoch"):
        table.add_column(column, no_wrap=True)
    folds, metrics = attributes["learning_curve"]["folds"], attributes["fold_metrics"]
    for place in range(folds[-1]):
        n_epochs = folds.count(place + 1)
        is_whole = place < len(metrics)
        table.add_row(
            f"{place + 1}",
            metric_text(metric, metrics[place]) if is_whole else "not run to its end",
            f"{attributes['best_epochs'][place]} of {n_epochs}" if is_whole else f"after {n_epochs}",
        )
    console.print(table)
    if "standard_error" in attributes:
        mean = mean_text(metric, fmean(metrics), attributes["standard_error"])
        console.print(Text(f"  mean {mean}"))
