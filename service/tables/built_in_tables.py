"""The tables that scikit-learn ships, by name."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workers.train_dev_data import Task

_TARGETS = {
    "breast_cancer": "diagnosis",
    "diabetes": "progression",
    "digits": "digit",
    "iris": "species",
    "wine": "cultivar",
}
BUILT_IN_TABLES = tuple(_TARGETS)
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
    from sklearn import datasets  # noqa: PLC0415 (half a second, which few commands need)

    data, target_name = getattr(datasets, f"load_{name}")(), _TARGETS[name]
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
