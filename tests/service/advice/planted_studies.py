"""Studies whose trouble is known, because it was planted: tables made for it, searched for real.

    python -m tests.service.advice.planted_studies

runs each of them with ten seeds, and fails where fewer than nine of ten have the planted trouble named first;
then noise floors, where nobody could do better, and fails where more than one of ten accuses the network of
avoidable bias.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray

from service.advice.advised_steps import StepKind
from service.advice.gaps import Trouble
from service.advice.study_diagnosis import StudyDiagnosis, diagnose_study
from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.study_config import ConfirmationConfig, TrainingConfig
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
        Share of labels that are turned over; of numbers, the noise's deviation beside the signal's, infinite
        where there is no signal.
    space
        What is searched.
    bayes_error
        What the study is told of it; None where it is to find out by itself.
    is_of_numbers
        Whether numbers are predicted, and not classes.
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
    bayes_error: float | None = None
    is_of_numbers: bool = False
    split: SplitConfig = field(default_factory=SplitConfig)
    is_linear: bool = False
    has_shifted_dev: bool = False


PLANTED: Mapping[str, Planted] = {
    "a network that is too small, and as good as any other model": Planted(
        expected=(StepKind.BIGGER_NETWORK,),
        space={"learning_rate": {**RATE, "high": 1.0}, "depth": 1, "width": {"low": 1, "high": 3}},
    ),
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

FLOORS: Mapping[str, Planted] = {
    **{
        f"{share:.0%} of the labels turned over": Planted(expected=(), n_examples=2000, noise=share)
        for share in (0.05, 0.1, 0.2, 0.3, 0.5)
    },
    **{
        f"noise {ratio:g} times the signal": Planted(
            expected=(), n_examples=2000, noise=ratio, is_of_numbers=True
        )
        for ratio in (0.25, 0.5, 1.0, 2.0, inf)
    },
}
"""Noise floors, five of classes and five of numbers: nobody is told of the noise."""

AGAINST_BIAS = (
    StepKind.BIGGER_NETWORK,
    StepKind.LONGER_TRAINING,
    StepKind.ANOTHER_ARCHITECTURE,
    StepKind.ANOTHER_MODEL,
)

N_SEEDS = 10
FEWEST_NAMED = 9


def is_named_first(planted: Planted, diagnosis: StudyDiagnosis) -> bool:
    """Tell whether the first step that is advised is one against what was planted."""
    return diagnosis.advice[0].step in planted.expected


def is_accused(diagnosis: StudyDiagnosis) -> bool:
    """Tell whether the network is said to have avoidable bias, be it the largest of its gaps or not."""
    named = diagnosis.gaps is None or diagnosis.gaps.trouble is Trouble.BIAS
    return named or any(
        step.step in AGAINST_BIAS and step.expected_gain is not None for step in diagnosis.advice
    )


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
        space={
            name: dimension
            for name, dimension in planted.space.items()
            if not (planted.is_of_numbers and name == "class_balance")
        },
        bayes_error=planted.bayes_error,
        training=TrainingConfig(max_epochs=40, patience=8),
        confirmation=ConfirmationConfig(finalists=3, seeds=2),
    )
    study.conclude(keep_sealed=True)
    return diagnose_study(study.stored)


def _examples(
    planted: Planted, rng: np.random.Generator, n: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | NDArray[np.float64]]:
    """Draw examples of two classes, whose labels are turned over by lot, or of numbers with noise added."""
    X = rng.normal(size=(n, planted.n_features))
    saddle = 0.0 if planted.is_linear else 0.8 * X[:, 1] * X[:, 2]
    signal = X[:, 0] + 0.5 * X[:, 3] + saddle
    if not planted.is_of_numbers:
        return X, (signal > 0) ^ (rng.random(n) < planted.noise)
    noise = rng.normal(size=n)
    return X, noise if planted.noise == inf else signal / signal.std() + planted.noise * noise


def _write(path: Path, X: NDArray[np.float64], y: NDArray[np.bool_] | NDArray[np.float64]) -> None:
    names = [f"x{column}" for column in range(X.shape[1])]
    rows = [",".join([*(f"{value:.5f}" for value in row), of]) for row, of in zip(X, _cells(y), strict=True)]
    path.write_text("\n".join([",".join([*names, "y"]), *rows]) + "\n", encoding="utf-8")


def _cells(y: NDArray[np.bool_] | NDArray[np.float64]) -> list[str]:
    if y.dtype == np.bool_:
        return ["yes" if of else "no" for of in y]
    return [f"{of:.5f}" for of in y]


def main() -> None:
    """Run all with ten seeds, and print how often the planted trouble is named first, or none is."""
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
    for name, planted in FLOORS.items():
        troubles: Counter[str] = Counter()
        n_accused = 0
        for seed in range(N_SEEDS):
            with tempfile.TemporaryDirectory() as directory:
                diagnosis = diagnosis_of(planted, seed=seed, directory=Path(directory))
            n_accused += is_accused(diagnosis)
            troubles[diagnosis.gaps.trouble if diagnosis.gaps is not None else "not measured"] += 1
        is_well &= n_accused <= N_SEEDS - FEWEST_NAMED
        told = ", ".join(f"{trouble} ({n})" for trouble, n in troubles.items())
        print(f"{name}: accused of bias in {n_accused} of {N_SEEDS}; {told}", flush=True)  # noqa: T201
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
