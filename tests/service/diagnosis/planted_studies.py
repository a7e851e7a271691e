"""Studies whose trouble is known, because it was planted: tables made for it, searched for real.

    python -m tests.service.diagnosis.planted_studies

runs each of them with ten seeds, and fails where fewer than nine of ten have the planted trouble named first.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray

from service.configuration.confirmation_config import ConfirmationConfig
from service.configuration.data_config import DataConfig
from service.configuration.split_config import SplitConfig
from service.configuration.study_config import TrainingConfig
from service.diagnosis.advised_step import StepKind
from service.diagnosis.study_diagnosis import StudyDiagnosis, diagnose_study
from tests.service.iris_study import new_store, search_iris

RATE = {"low": 1e-3, "high": 1e-1, "log": True, "default": 5e-3}
"""Holds the best learning rate of all that is planted here."""

WHOLE: Mapping[str, Any] = {
    "learning_rate": RATE,
    "depth": {"low": 1, "high": 3},
    "width": {"low": 16, "high": 128, "log": True},
    "l2_lambda": {"low": 1e-2, "high": 1e2, "log": True, "default": 1.0},
}
"""A sound space."""


@dataclass(frozen=True)
class Planted:
    """A trouble, and the study that it is planted in.

    Attributes
    ----------
    expected
        Steps of which one must be advised first.
    n_examples, n_features
        Size of the table.
    noise
        Share of labels that are turned over.
    space
        What is searched.
    bayes_error
        What the study is told of it.
    split
        Which examples are for which set.
    is_linear
        Whether a line alone tells the classes apart, so that a network soon does as well as can be.
    has_shifted_dev
        Whether the dev set is from elsewhere: there the first feature was measured with an offset.
    """

    expected: tuple[StepKind, ...]
    n_examples: int = 4000
    n_features: int = 6
    noise: float = 0.0
    space: Mapping[str, Any] = field(default_factory=lambda: WHOLE)
    bayes_error: float = 0.0
    split: SplitConfig = field(default_factory=SplitConfig)
    is_linear: bool = False
    has_shifted_dev: bool = False


PLANTED: Mapping[str, Planted] = {
    "a network that is too small": Planted(
        expected=(StepKind.BIGGER_NETWORK,),
        space={"learning_rate": {**RATE, "high": 1.0}, "depth": 1, "width": 2},
    ),
    "200 examples and no regularization": Planted(
        expected=(StepKind.MORE_REGULARIZATION, StepKind.MORE_DATA),
        n_examples=1000,
        n_features=20,
        split=SplitConfig(dev_fraction=0.4, test_fraction=0.4),
        space={"learning_rate": RATE, "depth": 2, "width": 128},
    ),
    "a dev set from elsewhere": Planted(
        expected=(StepKind.DATA_LIKE_DEV,), is_linear=True, has_shifted_dev=True
    ),
    "learning rates that are all too low": Planted(
        expected=(StepKind.MOVE_SPACE,),
        space={**WHOLE, "learning_rate": {"low": 1e-7, "high": 3e-5, "log": True}},
    ),
    "none: 10 % noise, and the Bayes error given": Planted(
        expected=(StepKind.STOP, StepKind.MORE_DEV_EXAMPLES),
        n_examples=12_000,
        is_linear=True,
        noise=0.1,
        bayes_error=0.1,
    ),
}
"""By what is planted; the last is a sound study, which must not be accused."""

N_SEEDS = 10
FEWEST_NAMED = 9


def is_named_first(planted: Planted, diagnosis: StudyDiagnosis) -> bool:
    """Tell whether the first step that is advised is one against what was planted."""
    return diagnosis.advice[0].step in planted.expected


def diagnosis_of(planted: Planted, *, seed: int, directory: Path) -> StudyDiagnosis:
    """Make the table, run the study to its end with its test set sealed, and diagnose it."""
    rng = np.random.default_rng(seed)
    table, dev_table = directory / "table.csv", directory / "dev.csv"
    _write(table, *_examples(planted, rng, planted.n_examples))
    if planted.has_shifted_dev:
        X, y = _examples(planted, rng, 2000)
        X[:, 0] += 1
        _write(dev_table, X, y)
    study = search_iris(
        new_store(directory),
        name="planted",
        seed=seed,
        trials=30,
        data=DataConfig(
            table=str(table), target="y", dev_table=str(dev_table) if planted.has_shifted_dev else None
        ),
        split=planted.split,
        space=dict(planted.space),
        bayes_error=planted.bayes_error,
        training=TrainingConfig(max_epochs=40, patience=8),
        confirmation=ConfirmationConfig(finalists=3, seeds=2),
    )
    study.conclude(keep_sealed=True)
    return diagnose_study(study.stored)


def _examples(
    planted: Planted, rng: np.random.Generator, n: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Draw examples of two classes; labels are turned over by lot."""
    X = rng.normal(size=(n, planted.n_features))
    saddle = 0.0 if planted.is_linear else 0.8 * X[:, 1] * X[:, 2]
    y = X[:, 0] + 0.5 * X[:, 3] + saddle > 0
    return X, y ^ (rng.random(n) < planted.noise)


def _write(path: Path, X: NDArray[np.float64], y: NDArray[np.bool_]) -> None:
    names = [f"x{column}" for column in range(X.shape[1])]
    rows = [
        ",".join([*(f"{value:.5f}" for value in row), "yes" if of else "no"])
        for row, of in zip(X, y, strict=True)
    ]
    path.write_text("\n".join([",".join([*names, "y"]), *rows]) + "\n", encoding="utf-8")


def main() -> None:
    """Run all with ten seeds, and print how often the planted trouble is named first."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    is_well = True
    for name, planted in PLANTED.items():
        steps = []
        for seed in range(N_SEEDS):
            with tempfile.TemporaryDirectory() as directory:
                diagnosis = diagnosis_of(planted, seed=seed, directory=Path(directory))
            steps.append(diagnosis.advice[0].step)
        n_named = sum(step in planted.expected for step in steps)
        is_well &= n_named >= FEWEST_NAMED
        others = Counter(step for step in steps if step not in planted.expected)
        beside = f"; else {', '.join(f'{step} ({n})' for step, n in others.items())}" if others else ""
        print(f"{name}: named first in {n_named} of {N_SEEDS}{beside}", flush=True)  # noqa: T201 (its output)
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
