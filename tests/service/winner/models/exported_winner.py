"""A winner and its directory, and tables as CSV files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.data.preparation.prepared_data import PreparedData
from service.tables.table import load_table
from service.winner.examination.candidate import Candidate, model_of
from service.winner.examination.conclusion import train_winner
from service.winner.models.model import Model, write_model
from tests.service.iris_study import IrisStudy


@dataclass(frozen=True)
class ExportedWinner:
    """What the report measures, and what was written of it."""

    table: str
    prepared: PreparedData
    candidate: Candidate
    model: Model
    path: Path

    @cached_property
    def dev(self) -> NDArray[np.float64]:
        """Features of the dev set, as they stand in the table (n_examples, n_features)."""
        table, known = load_table(self.table), self.prepared.split
        cells = table.frame.select(table.feature_names).to_numpy()
        return np.ascontiguousarray(cells[known.known.rows[known.folds[0].dev]])

    @property
    def dev_inputs(self) -> NDArray[np.float32]:
        """The same as the network reads them."""
        return self.candidate.known("dev").X[0]

    @property
    def y_dev(self) -> NDArray[np.int64] | NDArray[np.float64]:
        """Its targets."""
        return self.candidate.known("dev").y

    @property
    def measured(self) -> NDArray[np.floating]:
        """The predictions that the report's dev figures are of."""
        return self.candidate.trained.predict([self.dev_inputs])


def export(study: IrisStudy, path: Path) -> ExportedWinner:
    """Train a study's winner again, and write it."""
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    model = model_of(study.stored, study.prepared, candidate)
    write_model(model, path, replace=False)
    return ExportedWinner(study.stored.config.data.table, study.prepared, candidate, model, path)


def csv_text(names: Sequence[str], X: NDArray[np.float64]) -> str:
    """Return a table as a CSV file, its numbers to the last bit."""
    rows = [",".join(map(repr, row)) for row in X.tolist()]
    return "\n".join([",".join(names), *rows]) + "\n"
