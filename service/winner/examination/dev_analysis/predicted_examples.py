"""Dev examples with their targets and the winner's predictions: what each costs, and which are the worst.

What an example costs goes by the metric that the study is judged by. The worst have their rows, to look them
up by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.data.preparation.dev_examples import DevExamples
from service.winner.examination.dev_analysis.values import ExampleLoss, WorstExample
from workers.metrics.classification_metrics import SMALLEST_PROBABILITY
from workers.metrics.metric import Metric


@dataclass(frozen=True, slots=True, eq=False)
class PredictedClasses:
    """A classification's dev examples.

    Attributes
    ----------
    examples
        Their rows and cells.
    y
        Class indices (n_examples,).
    probabilities
        (n_examples, n_classes).
    labels
        Class indices as the winner decides them (n_examples,).
    class_names
        Name of each class index.
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """

    examples: DevExamples
    y: NDArray[np.int64]
    probabilities: NDArray[np.floating]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    units: NDArray[np.intp] | None

    @property
    def log_losses(self) -> NDArray[np.float64]:
        """-log of the probability of each example's own class (n_examples,), in nats, never infinite."""
        own = self.probabilities[np.arange(len(self.y)), self.y].astype(np.float64)
        return -np.log(np.maximum(own, SMALLEST_PROBABILITY)) + 0.0  # no -0


@dataclass(frozen=True, slots=True, eq=False)
class PredictedNumbers:
    """A regression's dev examples.

    Attributes
    ----------
    examples
        Their rows and cells.
    y, predictions
        Numbers in the target's unit (n_examples,).
    units
        Numbers that examples share which came as one (n_examples,); None where each came by itself.
    """

    examples: DevExamples
    y: NDArray[np.float64]
    predictions: NDArray[np.float64]
    units: NDArray[np.intp] | None

    @property
    def residuals(self) -> NDArray[np.float64]:
        """Predicted less actual (n_examples,)."""
        return self.predictions - self.y


LONGEST_TEXT = 60
"""Characters of a cell or a class that are repeated."""

_MICROSECONDS_A_DAY = 86_400_000_000


def shortened(text: str) -> str:
    """Return a text as it is, but not endless."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def number_text(number: float) -> str:
    """Return a number in five digits, or up to its point where that takes more.

    Thousands have commas from 10,000 on: below, a column may have years.
    """
    number += 0.0  # turns -0 into 0
    return f"{number:,.0f}" if 1e4 <= abs(number) < 1e15 else f"{number:.5g}"


def _target_text(number: float) -> str:
    """Return a number as figures of its unit are written in reports, in at least five digits."""
    return number_text(number) if abs(number) >= 1e4 else f"{number + 0.0:,.5g}"


def number_texts(numbers: Sequence[float]) -> list[str]:
    """Return numbers that differ as texts that differ: in all digits where five do not tell them apart."""
    texts = [number_text(number) for number in numbers]
    return texts if len(set(texts)) == len(set(numbers)) else [f"{number:.17g}" for number in numbers]


def date_texts(microseconds: Sequence[int]) -> list[str]:
    """Return points in time, counted from 1970, as days; with the time of day unless all are midnights."""
    are_days = all(each % _MICROSECONDS_A_DAY == 0 for each in microseconds)
    dates = pl.Series(microseconds, dtype=pl.Int64).cast(pl.Datetime("us"))
    return dates.dt.to_string("%Y-%m-%d" if are_days else "%Y-%m-%d %H:%M:%S").to_list()


LOSS_OF: Mapping[Metric, ExampleLoss] = {
    Metric.ERROR: ExampleLoss.ERROR,
    Metric.BALANCED_ERROR: ExampleLoss.BALANCED_ERROR,
    Metric.MACRO_F1: ExampleLoss.BALANCED_ERROR,
    Metric.LOG_LOSS: ExampleLoss.LOG_LOSS,
    Metric.ROC_AUC: ExampleLoss.LOG_LOSS,
    Metric.CALIBRATION_ERROR: ExampleLoss.LOG_LOSS,
    Metric.RMSE: ExampleLoss.SQUARED_ERROR,
    Metric.R_SQUARED: ExampleLoss.SQUARED_ERROR,
    Metric.MAE: ExampleLoss.ABSOLUTE_ERROR,
}
"""What an example costs where a study has this metric: its share of the metric, or of what is nearest to it.

Macro F1 weighs classes alike, as the balanced error does. A ROC AUC and a calibration error judge
probabilities, of many examples together; the log loss does so of one.
"""


_LARGEST_ROOT = 1e154
"""Whose square is a float64."""


class ExampleLosses(NamedTuple):
    """What examples cost, and the weights that means are taken with: (n_examples,) each.

    `units` are numbers that examples share which came as one (n_examples,); None where each came by itself.
    """

    losses: NDArray[np.float64]
    weights: NDArray[np.float64]
    units: NDArray[np.intp] | None = None


def losses_of_classes(predicted: PredictedClasses, loss: ExampleLoss) -> ExampleLosses:
    """Return what the examples of a classification cost.

    With a balanced error an example weighs n / (K n_c), n_c being the number of examples of its class and K
    that of the classes that there are: the weighted mean over all is the balanced error, and over the
    examples of one class the error within it.
    """
    weights = np.ones(len(predicted.y))
    if loss is ExampleLoss.LOG_LOSS:
        return ExampleLosses(predicted.log_losses, weights, predicted.units)
    if loss is ExampleLoss.BALANCED_ERROR:
        n_of_class = np.bincount(predicted.y)
        weights = len(predicted.y) / (np.count_nonzero(n_of_class) * n_of_class[predicted.y])
    return ExampleLosses((predicted.labels != predicted.y).astype(np.float64), weights, predicted.units)


def losses_of_numbers(predicted: PredictedNumbers, loss: ExampleLoss) -> ExampleLosses:
    """Return what the examples of a regression cost; a square is never infinite."""
    losses = np.abs(predicted.residuals)
    if loss is ExampleLoss.SQUARED_ERROR:
        losses = np.minimum(losses, _LARGEST_ROOT) ** 2
    return ExampleLosses(losses, np.ones(len(losses)), predicted.units)


MOST_EXAMPLES = 20

MOST_CELLS = 10
"""Of a row's that are shown: of its ids and its group, then of the columns in the table's order."""


def worst_of_classes(predicted: PredictedClasses) -> tuple[WorstExample, ...]:
    """Return the examples with the greatest log loss; of equals the first row is."""
    losses, names = predicted.log_losses, predicted.class_names
    return tuple(
        WorstExample(
            row=int(predicted.examples.rows[index]),
            file=predicted.examples.file,
            actual=shortened(names[predicted.y[index]]),
            predicted=shortened(names[predicted.labels[index]]),
            loss=float(losses[index]),
            cells=_cells(predicted.examples, int(index)),
        )
        for index in _worst(losses)
    )


def worst_of_numbers(predicted: PredictedNumbers) -> tuple[WorstExample, ...]:
    """Return the examples with the greatest residuals; of equals the first row is."""
    losses = np.abs(predicted.residuals)
    return tuple(
        WorstExample(
            row=int(predicted.examples.rows[index]),
            file=predicted.examples.file,
            actual=_target_text(predicted.y[index]),
            predicted=_target_text(predicted.predictions[index]),
            loss=float(losses[index]),
            cells=_cells(predicted.examples, int(index)),
        )
        for index in _worst(losses)
    )


def _cells(examples: DevExamples, index: int) -> dict[str, str | None]:
    """Return a dev row's cells as people read them."""
    columns = [*examples.ids.get_columns(), *examples.values.get_columns()][:MOST_CELLS]
    return {cells.name: None if cells[index] is None else _cell_text(cells[index]) for cells in columns}


def _cell_text(value: object) -> str:
    match value:
        case float():
            return number_text(value)
        case bool():
            return "yes" if value else "no"
        case datetime() if value.time() == time():
            return f"{value:%Y-%m-%d}"
        case _:
            return shortened(f"{value}")


def _worst(losses: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices of the greatest losses, those of nothing left out."""
    order = np.argsort(-losses, kind="stable")[:MOST_EXAMPLES]
    return order[losses[order] > 0]
