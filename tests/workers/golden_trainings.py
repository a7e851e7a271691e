"""Small trainings whose bits are recorded: every layer, loss and optimizer is in one of them.

    python -m tests.workers.golden_trainings            print this process's digests
    python -m tests.workers.golden_trainings --record   write those of every kernel that runs here

Record them again where the arithmetic of training is changed on purpose, or NumPy or SciPy is another
version: see `tests.workers.test_golden_digests` for what the bits depend on. A case that changed on a kernel
which runs here is taken off the record of those that do not, until it is recorded where they do.
"""

import argparse
import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from search_spaces.network.point import (
    Activation,
    L1Step,
    LossName,
    NetworkPoint,
    NumericEmbedding,
    Optimizer,
    Schedule,
    Switch,
)
from tests.workers.blas_kernels import NEEDED_FLAGS, loaded_kernel, run_on
from tests.workers.train_dev_sets import rules
from workers.train_dev_data import Task, TrainDevData
from workers.trial.training import Training

Record = dict[str, dict[str, Any]]
"""Conditions and digests by kernel."""

RECORD = Path(__file__).parent / "golden_digests.json"
N_EPOCHS = 3

CASES: dict[str, tuple[int, NetworkPoint]] = {
    "softmax, relu, adam": (3, NetworkPoint(width=33, learning_rate=0.01)),
    "softmax, tanh, batch norm, momentum": (
        5,
        NetworkPoint(
            width=48,
            activation=Activation.TANH,
            batch_normalization=Switch.ON,
            optimizer=Optimizer.MOMENTUM,
            learning_rate=0.05,
            batch_size=50,
        ),
    ),
    "softmax, leaky relu, feature scale, dropout, rmsprop": (
        3,
        NetworkPoint(
            width_1=130,
            width_2=65,
            activation=Activation.LEAKY_RELU,
            feature_scale=Switch.ON,
            keep_prob=0.8,
            input_keep_prob=0.9,
            optimizer=Optimizer.RMSPROP,
        ),
    ),
    "softmax, gelu, smoothed and weighed, adamw, cosine": (
        3,
        NetworkPoint(
            depth=3,
            width=20,
            activation=Activation.GELU,
            label_smoothing=0.1,
            class_balance=1.0,
            optimizer=Optimizer.ADAMW,
            weight_decay=0.01,
            learning_rate_schedule=Schedule.COSINE,
            warmup_fraction=0.1,
        ),
    ),
    "binary, relu, l1, max norm, nesterov": (
        2,
        NetworkPoint(
            loss=LossName.BINARY,
            l1_lambda=0.1,
            max_norm=1.5,
            optimizer=Optimizer.NESTEROV,
            learning_rate=0.05,
        ),
    ),
    "squared error, sigmoid, l2, clipped, sgd": (
        0,
        NetworkPoint(
            width=40,
            activation=Activation.SIGMOID,
            l2_lambda=0.1,
            clip_norm=0.5,
            optimizer=Optimizer.SGD,
            learning_rate=0.1,
        ),
    ),
    "squared error, embeddings, feature scale, adamw": (
        0,
        NetworkPoint(
            width=32,
            numeric_embedding=NumericEmbedding.PERIODIC,
            feature_scale=Switch.ON,
            optimizer=Optimizer.ADAMW,
            weight_decay=0.01,
            learning_rate=0.01,
        ),
    ),
    "huber, relu, l1 by gradient, noise, mixup": (
        0,
        NetworkPoint(
            depth=1,
            width=200,
            loss=LossName.HUBER,
            l1_lambda=0.1,
            l1_step=L1Step.SUBGRADIENT,
            noise_deviation=0.1,
            mixup_alpha=0.2,
            batch_size=7,
        ),
    ),
}
"""Number of classes, 0 for numbers; and the point."""


def conditions() -> dict[str, str]:
    """Return all but the kernel that the bits may depend on."""
    exp = np.lib.introspect.opt_func_info(func_name="^exp$", signature="float32")["exp"]["ff"]
    blas = next(library for library in threadpool_info() if library["internal_api"] == "openblas")
    return {
        "numpy": version("numpy"),
        "scipy": version("scipy"),
        "openblas": blas["version"],
        "numpy's instructions": exp["current"],
        "C library": " ".join(platform.libc_ver()),
    }


def digests() -> dict[str, dict[str, str]]:
    """Train every case; return a digest of what it leaves, by case and quantity."""
    return {name: _digests(n_classes, point) for name, (n_classes, point) in CASES.items()}


def _digests(n_classes: int, point: NetworkPoint) -> dict[str, str]:
    data = _data(n_classes)
    training = Training(data, point, seed=3, rules=rules(data.task, max_epochs=N_EPOCHS))
    losses = np.array([training.run_unjudged_epoch() for _ in range(N_EPOCHS)])
    return {"train losses": _digest(losses), "parameters": _digest(training.best_state["parameters"])}


def _digest(array: NDArray[Any]) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]


def _data(n_classes: int) -> TrainDevData:
    """Make 200 train and 40 dev examples of 13 features; entries are drawn, without any product."""
    rng = np.random.default_rng(11)
    X = rng.standard_normal((240, 13)).astype(np.float32)
    if n_classes:
        y = rng.integers(n_classes, size=240)
        X[np.arange(240), y] += 2
        return TrainDevData(Task.CLASSIFICATION, X[:200], y[:200], X[200:], y[200:], n_classes)
    targets = (X[:, :2] + rng.standard_normal((240, 2)) / 2).astype(np.float32)
    return TrainDevData(Task.REGRESSION, X[:200], targets[:200], X[200:], targets[200:], 2)


def main() -> None:
    """Print the digests of this process, or record those of every kernel."""
    parser = argparse.ArgumentParser(description="Digests of small trainings.")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    if not parser.parse_args().record:
        answer = {"kernel": loaded_kernel(), "conditions": conditions(), "digests": digests()}
        sys.stdout.write(json.dumps(answer) + "\n")
        return
    found = json.loads(RECORD.read_text()) if RECORD.is_file() else {}
    before = {kernel: recorded["digests"] for kernel, recorded in found.items()}
    ran: set[str] = set()
    for kernel in NEEDED_FLAGS:
        try:
            answer = run_on(kernel, "tests.workers.golden_trainings")
        except pytest.skip.Exception as skipped:
            sys.stdout.write(f"{skipped}\n")
            continue
        ran.add(kernel)
        found[answer.pop("kernel")] = answer
        sys.stdout.write(f"recorded {kernel}\n")
    _take_off(found, changed=_changed(found, before, ran), ran=ran)
    RECORD.write_text(json.dumps(found, indent=1) + "\n")


def _changed(found: Record, before: Mapping[str, Mapping[str, object]], ran: set[str]) -> set[str]:
    """Return the cases whose digests are others than before on some kernel that ran."""
    return {
        case
        for kernel in ran & before.keys()
        for case, digest in found[kernel]["digests"].items()
        if digest != before[kernel].get(case)
    }


def _take_off(found: Record, *, changed: set[str], ran: set[str]) -> None:
    for kernel in found.keys() - ran:
        for case in changed:
            found[kernel]["digests"].pop(case, None)


if __name__ == "__main__":
    main()
