"""The tables that scikit-learn ships, by name."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn import datasets

from workers.train_dev_data import Task

_LOADERS: dict[str, tuple[Callable[[], Any], str]] = {
    "breast_cancer": (datasets.load_breast_cancer, "diagnosis"),
    "diabetes": (datasets.load_diabetes, "progression"),
    "digits": (datasets.load_digits, "digit"),
    "iris": (datasets.load_iris, "species"),
    "wine": (datasets.load_wine, "cultivar"),
}
BUILT_IN_TABLES = tuple(_LOADERS)
"""Their names."""

_IMAGES = frozenset({"digits"})


class BuiltInTable(NamedTuple):
    """A table as it ships.

    Attributes
    ----------
    frame
        Its columns, the target's last.
    target_name, task, class_names
        What is predicted; no names in regression.
    y
        Class indices, int64 (n_examples,); or numbers, float64 (n_examples,).
    image_columns
        Those that are an image's pixels.
    """

    frame: pl.DataFrame
    target_name: str
    task: Task
    class_names: tuple[str, ...]
    y: NDArray[np.int64] | NDArray[np.float64]
    image_columns: tuple[str, ...]


def read_built_in(name: str) -> BuiltInTable:
    """Read a table that is named in `BUILT_IN_TABLES`."""
    load, target_name = _LOADERS[name]
    data = load()
    class_names = tuple(str(label) for label in data.get("target_names", ()))
    features = tuple(str(feature) for feature in data.feature_names)
    X = data.data.astype(np.float64)
    y = data.target.astype(np.int64) if class_names else data.target.astype(np.float64)
    target = pl.Series(target_name, [class_names[label] for label in y] if class_names else y)
    return BuiltInTable(
        frame=pl.DataFrame([*(pl.Series(n, X[:, i]) for i, n in enumerate(features)), target]),
        target_name=target_name,
        task=Task.CLASSIFICATION if class_names else Task.REGRESSION,
        class_names=class_names,
        y=y,
        image_columns=features if name in _IMAGES else (),
    )
