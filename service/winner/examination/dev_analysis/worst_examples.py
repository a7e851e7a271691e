"""The single examples that the winner gets most wrong, with their rows to look them up by."""

import numpy as np
from numpy.typing import NDArray

from service.winner.examination.dev_analysis.predicted_set import (
    PredictedClasses,
    PredictedNumbers,
    number_text,
    shortened,
)
from service.winner.examination.dev_analysis.values import WorstExample

MOST_EXAMPLES = 20


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
        )
        for index in _worst(losses)
    )


def _worst(losses: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indices of the greatest losses, those of nothing left out."""
    order = np.argsort(-losses, kind="stable")[:MOST_EXAMPLES]
    return order[losses[order] > 0]
