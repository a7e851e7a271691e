"""Predictions for a table in memory: one that cannot be read is a `ValueError`, as Python's tools expect."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.errors import BadInputError
from service.python.user_warnings import warn
from service.tables.columns import LenientFrame, lenient_frame, typed_frame
from service.winner.models.new_cells import NewCells, find_new_cells
from service.winner.models.trained_model import TrainedModel


def predict_frame(model: TrainedModel, frame: pl.DataFrame) -> NDArray[np.floating]:
    """Return class probabilities (n_examples, n_classes), or numbers in the target's unit (n_examples,).

    Parameters
    ----------
    model
        What predicts.
    frame
        Cells of at least the columns that it learned from.

    Raises
    ------
    ValueError
        A cell is of another kind than its column.

    Warns
    -----
    ProctorWarning
        Cells have what those of the train set did not: see `check_frame`.
    """
    read = lenient_frame(frame, model.columns)
    if read.n_faulty:
        raise _refusal(model, frame, read)
    warn(*find_new_cells(model.preparations, frame, read).sentences)
    return model.predict(model.inputs(read.frame))


def check_frame(model: TrainedModel, frame: pl.DataFrame) -> NewCells:
    """Find out what rows have that the train set did not; nothing is predicted, refused or warned of.

    Parameters
    ----------
    model
        What would predict.
    frame
        Cells of at least the columns that it learned from.
    """
    return find_new_cells(model.preparations, frame, lenient_frame(frame, model.columns))


class ChecksRows:
    """What estimators have that predict by a model: a look at rows before they are predicted."""

    def check_rows(self, X: Any) -> NewCells:  # noqa: ANN401 (an array or any kind of data frame)
        """Find out what rows to predict have that the train set did not, and count it by column.

        That is what predicting warns of, and cells that it refuses. Predicting cannot keep the counts: to
        scikit-learn's tools it leaves an estimator as it is.

        Parameters
        ----------
        X
            As for `predict`.

        Returns
        -------
        NewCells
            `n_unseen` (categories), `n_missing`, `n_unread`: numbers of cells by column; `codes`: columns of
            codes such as `01234` that have lost their zeros; `sentences`: the same in words.

        Raises
        ------
        NotFittedError
            It has not been fitted.
        ValueError
            It has other columns.
        """
        return check_frame(*self._model_and_frame(X))

    def _model_and_frame(self, X: Any) -> tuple[TrainedModel, pl.DataFrame]:  # noqa: ANN401 (likewise)
        raise NotImplementedError


def _refusal(model: TrainedModel, frame: pl.DataFrame, read: LenientFrame) -> ValueError:
    """Name the first cell that cannot be read, and count the others."""
    try:
        typed_frame(frame, model.columns, place=_place)
    except BadInputError as error:
        counts = NewCells(n_unread=read.n_faulty).sentences if sum(read.n_faulty.values()) > 1 else ()
        return ValueError("; ".join((str(error), *counts)))
    raise AssertionError("cells that cannot be read are refused")  # pragma: no cover


def _place(row: int, column: str) -> str:
    return f"row {row}, counted from 0, column {column!r}"
