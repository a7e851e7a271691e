"""Predicting the cells that Python holds: one that cannot be read is a `ValueError`, as its tools expect."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.errors import BadInputError
from service.winner.models.trained_network import TrainedNetwork


def predict_frame(network: TrainedNetwork, frame: pl.DataFrame) -> NDArray[np.floating]:
    """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

    Parameters
    ----------
    network
        What predicts.
    frame
        Cells of at least the columns that it learned from.

    Raises
    ------
    ValueError
        A cell is of another kind than its column.
    """
    try:
        inputs = network.preparation.inputs(frame, place=_place)
    except BadInputError as error:
        raise ValueError(str(error)) from None
    return network.predict(inputs)


def _place(row: int, column: str) -> str:
    return f"(row {row}, counted from 0, column {column!r})"
