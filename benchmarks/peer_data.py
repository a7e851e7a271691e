"""A study's sets as its peers read them: the very same rows, as a network's inputs or as raw columns."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.configuration.study_config import StudyConfig, default_metric
from service.data.preparation.prepared_data import PreparedData
from service.tables.column_kinds import ColumnKind
from service.tables.columns import lenient_frame
from service.tables.table import Examples, TableOptions, load_table
from workers.metrics.decision_rule import MOST_PROBABLE, DecisionRule
from workers.metrics.metric import Metric, decision_rule, measure
from workers.train_dev_data import Task


class Sets(NamedTuple):
    """An array for each set."""

    train: NDArray[Any]
    dev: NDArray[Any]
    test: NDArray[Any]


class Predicted(NamedTuple):
    """What a peer predicts of the dev and of the test set, in the target's unit, and what decides labels."""

    dev: NDArray[np.floating]
    test: NDArray[np.floating]
    rule: DecisionRule = MOST_PROBABLE


@dataclass(frozen=True)
class PeerData:
    """What peers are tuned on.

    Attributes
    ----------
    task, n_classes, metric
        What is predicted, and what chooses on the dev set.
    inputs
        Those of the study's first point, float64 (n_examples, n_inputs).
    raw
        Columns as numbers: NaN where missing, a category as its place among the train set's, float64
        (n_examples, n_columns). A date is one column as it is, and the day of the year, the weekday and the
        hour in three.
    is_categorical
        Which columns of `raw` hold places of categories (n_columns,).
    y
        Class indices, or numbers in the target's unit (n_examples,).
    """

    task: Task
    n_classes: int
    metric: Metric
    inputs: Sets
    raw: Sets
    is_categorical: NDArray[np.bool_]
    y: Sets

    @property
    def rule(self) -> DecisionRule:
        """What decides labels where classes weighed alike in training, as for a study's winner."""
        counts = np.bincount(self.y.train, minlength=self.n_classes) if self.n_classes else None
        return decision_rule(self.metric, counts)

    def badness(self, predictions: NDArray[np.floating], y: NDArray[np.generic]) -> float:
        """Judge predictions, in the target's unit, by what chooses: lower is better."""
        return self.metric.badness(
            measure(self.metric, predictions, y, target_deviation=1.0, rule=MOST_PROBABLE)
        )


def peer_data(config: StudyConfig, prepared: PreparedData, test: Examples) -> PeerData:
    """Take a study's rows; the table's file must still be there."""
    (fold,), known = prepared.split.folds, prepared.split.known
    preparation = prepared.preparations[prepared.first_choices]
    frame = load_table(config.data.table, options=TableOptions(config.data.target)).frame
    typed = lenient_frame(frame, preparation.columns).frame
    rows = Sets(known.rows[fold.train], known.rows[fold.dev], test.rows)
    task = prepared.split.task
    numbers = _as_numbers(typed, rows)
    categorical = {it.name for it in preparation.columns if it.kind is ColumnKind.CATEGORICAL}
    return PeerData(
        task=task,
        n_classes=len(prepared.split.class_names),
        metric=config.metric or default_metric(task, prepared.class_counts),
        inputs=Sets(*(preparation.transformation.apply(typed[it]).astype(np.float64) for it in rows)),
        raw=Sets(*(numbers[it].to_numpy() for it in rows)),
        is_categorical=np.array([name in categorical for name in numbers.columns]),
        y=Sets(known.y[fold.train], known.y[fold.dev], test.y),
    )


def _as_numbers(typed: pl.DataFrame, rows: Sets) -> pl.DataFrame:
    train = typed[rows.train]
    columns = []
    for cells in typed.iter_columns():
        if cells.dtype == pl.String:
            known = train[cells.name].drop_nulls().unique().sort()
            columns.append(cells.cast(pl.Enum(known), strict=False).to_physical())
        elif cells.dtype.is_temporal():
            of_date = cells.dt
            parts = {"day": of_date.ordinal_day(), "weekday": of_date.weekday(), "hour": of_date.hour()}
            columns.append(cells.to_physical())
            columns += [part.alias(f"{cells.name}, {name}") for name, part in parts.items()]
        else:
            columns.append(cells)
    return pl.DataFrame([it.cast(pl.Float64) for it in columns])
