"""What every peer is given, and what each writes of every trial that has ended."""

import argparse
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RANGES = {"learning_rate": (1e-4, 1e-1), "l2": (1e-4, 1.0), "width": (16, 128), "depth": (1, 3)}
"""The first three are searched on a log scale."""

CHOICES: Mapping[str, tuple[int | str, ...]] = {
    "batch_size": (32, 64, 128),
    "optimizer": ("adam", "momentum"),
}


@dataclass(frozen=True, slots=True)
class Data:
    """Train and dev set as Proctor's own workers get them: float32 (n_examples, n_features), classes."""

    X_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    X_dev: NDArray[np.float32]
    y_dev: NDArray[np.int64]

    @property
    def classes(self) -> NDArray[np.int64]:
        """All classes, in order."""
        return np.unique(self.y_train)


@dataclass(frozen=True, slots=True)
class EndedTrial:
    """One trial: when it began and ended (Unix seconds), and what it came to.

    Attributes
    ----------
    began, ended
        By the wall clock.
    error
        The lowest dev error of its epochs.
    epochs
        Epochs run.
    training_seconds
        Processor time of training and judging; what is beyond it is the search's own.
    """

    began: float
    ended: float
    error: float
    epochs: int
    training_seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """A peer's words on its command line.

    Attributes
    ----------
    data
        An npz file.
    log
        Where a line is added for each trial that has ended.
    n_trials, n_epochs, patience, seed
        The budget; the most epochs of a trial, and those without gain that end it; the peer's randomness.
    """

    data: Path
    log: Path
    n_trials: int
    n_epochs: int
    patience: int
    seed: int

    @property
    def words(self) -> list[str]:
        """The task as words on a command line."""
        return [str(value) for value in asdict(self).values()]

    def load(self) -> Data:
        """Read the data."""
        with np.load(self.data) as arrays:
            return Data(*(arrays[name] for name in Data.__slots__))

    def note(self, trial: EndedTrial) -> None:
        """Add a trial to the log; any number of processes may."""
        line = json.dumps(asdict(trial)) + "\n"
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, line.encode())
        os.close(descriptor)


def task_of_command_line() -> Task:
    """Read the words that this process was called with."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("log", type=Path)
    for name in ("n_trials", "n_epochs", "patience", "seed"):
        parser.add_argument(name, type=int)
    return Task(**vars(parser.parse_args()))


def read_log(path: Path) -> list[EndedTrial]:
    """Return the trials of a log, in the order of their ends."""
    lines = path.read_text().splitlines() if path.exists() else []
    return sorted((EndedTrial(**json.loads(line)) for line in lines), key=lambda trial: trial.ended)


def now() -> float:
    """Return the time as logs have it (Unix seconds)."""
    return time.time()
