"""Networks of pytabkit with its default settings: RealMLP-TD and TabM, one training each, nothing tuned.

They need `pip install pytabkit==1.8.0` and what its networks import: see `.peers/venv` in the Makefile. They
have the study's train rows, keep their best epoch on its dev rows, and read columns as they are, categories
marked. They know no missing number: it is the train set's median, and a column says where it was.

Where the balanced error counts, labels follow its rule, which reads probabilities. For such figures the
manual of pytabkit has the best epoch chosen by the log loss, and labels not smoothed: smoothed by a tenth, a
class that 1 in 20 examples has is above its share everywhere.
"""

import warnings
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.peer_data import PeerData, Predicted
from workers.metrics.metric import Metric
from workers.train_dev_data import Task


def load() -> None:
    """Import what these networks need, before a training is timed."""
    warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
    warnings.filterwarnings("ignore", message=r"`isinstance\(treespec, LeafSpec\)`")
    import_module("pytabkit")


def realmlp(data: PeerData, *, n_trials: int, seed: int) -> Predicted:
    """Train RealMLP with its tuned defaults: 256 epochs, of which the best on the dev set is kept."""
    del n_trials  # one training
    return _trained(data, "RealMLP_TD", seed=seed, of_probabilities={"use_ls": False})


def tabm(data: PeerData, *, n_trials: int, seed: int) -> Predicted:
    """Train TabM: 32 networks that share most weights, until 16 epochs bring nothing on the dev set."""
    del n_trials  # one training
    return _trained(data, "TabM_D", seed=seed, of_probabilities={})


def _trained(data: PeerData, name: str, *, seed: int, of_probabilities: dict[str, object]) -> Predicted:
    is_classification = data.task is Task.CLASSIFICATION
    settings: dict[str, object] = {"device": "cpu", "random_state": seed, "n_threads": 1}
    if data.metric is Metric.BALANCED_ERROR:
        settings |= {"val_metric_name": "cross_entropy"} | of_probabilities
    role = "Classifier" if is_classification else "Regressor"
    model: Any = getattr(import_module("pytabkit"), f"{name}_{role}")(**settings)
    (train, dev, test), is_categorical = _without_gaps(data)
    model.fit(train, data.y.train, X_val=dev, y_val=data.y.dev, cat_indicator=is_categorical)
    predict = model.predict_proba if is_classification else model.predict
    on_dev, on_test = (np.asarray(predict(X), np.float64) for X in (dev, test))
    return Predicted(on_dev, on_test, data.rule)


def _without_gaps(data: PeerData) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_]]:
    """Fill gaps between numbers, and say where they were; what has no category keeps its gap."""
    is_number = ~data.is_categorical
    train = data.raw.train.astype(np.float64)
    gapped = np.flatnonzero(np.isnan(train).any(axis=0) & is_number)
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        medians = np.nan_to_num(np.nanmedian(train, axis=0))  # 0 where a column has no number
    filled = [
        np.hstack([np.where(np.isnan(X) & is_number, medians, X), np.isnan(X[:, gapped])]) for X in data.raw
    ]
    return filled, np.hstack([data.is_categorical, np.zeros(len(gapped), np.bool_)])
