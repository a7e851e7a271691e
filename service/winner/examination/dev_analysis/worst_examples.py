"""The single examples that the winner gets most wrong, with their rows to look them up by."""

from datetime import datetime, time

import numpy as np
from numpy.typing import NDArray

from service.data.preparation.dev_examples import DevExamples
from service.winner.examination.dev_analysis.predicted_set import (
    PredictedClasses,
    PredictedNumbers,
    number_text,
    shortened,
)
from service.winner.examination.dev_analysis.values import WorstExample

MOST_EXAMPLES = 20

MOST_CELLS = 10
"""Of a row's that are shown: of its ids, then of the columns in the table's order."""


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
            actual=number_text(predicted.y[index]),
            predicted=number_text(predicted.predictions[index]),
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
