"""What the best trials predicted for the dev set, kept to estimate by how much selecting among them flatters.

A table beside Optuna's: predictions are no attributes that a person would look at. Only the best trials' are
there at any time, so that it does not grow with the study.
"""

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, String, Table, delete, select
from sqlalchemy.engine import Connection

dev_predictions = Table(
    "proctor_dev_predictions",
    MetaData(),
    Column("study_id", Integer, primary_key=True, autoincrement=False),
    Column("trial", Integer, primary_key=True, autoincrement=False),
    Column("n_outputs", Integer, nullable=False),
    Column("dtype", String(8), nullable=False),
    Column("compressed", LargeBinary, nullable=False),
)
"""One row a trial: its best epoch's predictions, example by example, compressed."""

_of = dev_predictions.c


def write_dev_predictions(
    connection: Connection, study_id: int, changes: Mapping[int, NDArray[np.float32] | None]
) -> None:
    """Keep the predictions of some trials (n_dev, n_outputs), and drop those of which None is given."""
    for trial, predictions in changes.items():
        connection.execute(delete(dev_predictions).where(_of.study_id == study_id, _of.trial == trial))
        if predictions is not None:
            row = {
                "study_id": study_id,
                "trial": trial,
                "n_outputs": predictions.shape[1],
                "dtype": predictions.dtype.str,
                "compressed": zlib.compress(np.ascontiguousarray(predictions).tobytes(), level=1),
            }
            connection.execute(dev_predictions.insert(), row)


def forget_dev_predictions(connection: Connection, study_id: int) -> None:
    """Drop all of a study: one of the same key was deleted by another tool."""
    connection.execute(delete(dev_predictions).where(_of.study_id == study_id))


def read_dev_predictions(engine: Engine, study_id: int) -> dict[int, NDArray[np.float32]]:
    """Return the predictions that are kept of a study, by trial, ascending."""
    query = select(dev_predictions).where(_of.study_id == study_id).order_by(_of.trial)
    with engine.connect() as connection:
        return {
            row.trial: np.frombuffer(zlib.decompress(row.compressed), row.dtype).reshape(-1, row.n_outputs)
            for row in connection.execute(query)
        }
