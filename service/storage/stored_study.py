"""A study as it is kept: its configuration, and what was found out about it, as attributes in Optuna's study.

No test figure ever stands here: those are the ledger's.
"""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from pydantic import ValidationError

from service.configuration.study_config import StudyConfig
from service.preparation.prepared_data import PreparedData
from service.storage.own_trials import check_own
from service.storage.storage_errors import ForeignTrialError, OthersStudyError, StorageError
from service.storage.study_store import StudyStore
from workers.metrics import Metric
from workers.train_dev_data import Task

FORMAT = 3
"""Version of the attributes' names and shapes."""


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study, read from storage.

    Attributes
    ----------
    config
        What it was launched with, its concurrency, task and metrics resolved.
    keep_sealed
        Whether its end leaves the test set sealed.
    command
        The command that gives the same study again.
    target
        Name of what is predicted.
    n_examples
        By set: `train`, `dev`, `test`.
    test_fingerprint, known_fingerprint
        Names of the data that it began with.
    winner
        The winner's figures on train and dev set, once it has been trained again for them.
    trials
        By number.
    """

    config: StudyConfig
    keep_sealed: bool
    command: str
    target: str
    n_examples: dict[str, int]
    test_fingerprint: str | None
    known_fingerprint: str
    winner: dict[str, Any] | None
    trials: Sequence[FrozenTrial]

    @property
    def task(self) -> Task:
        """What is predicted: a class, or a number."""
        if self.config.data.task is None:
            raise ValueError(f"study {self.config.name!r} was stored before its task was resolved")
        return self.config.data.task

    @property
    def metric(self) -> Metric:
        """What trials are chosen by, on the dev set."""
        if self.config.metric is None:
            raise ValueError(f"study {self.config.name!r} was stored before its metric was resolved")
        return self.config.metric

    @property
    def watch(self) -> Metric:
        """What early stopping and pruning watch, on the dev set."""
        return self.config.watch or self.metric

    @property
    def n_left(self) -> int:
        """Trials of the budget that have not ended."""
        return self.config.trials - sum(trial.state.is_finished() for trial in self.trials)

    @property
    def concurrency(self) -> int:
        """How many of its trials run at once, virtually."""
        if self.config.concurrency is None:
            raise ValueError(f"study {self.config.name!r} was stored before its concurrency was resolved")
        return self.config.concurrency


def create_study(
    store: StudyStore, config: StudyConfig, prepared: PreparedData, *, command: str, keep_sealed: bool
) -> None:
    """Make a study in storage, with all that a resume needs.

    Raises
    ------
    StorageError
        When a study of that name exists, or the database cannot be written.
    """
    attributes = {
        "format": FORMAT,
        "config": config.model_dump(mode="json"),
        "keep_sealed": keep_sealed,
        "command": command,
        "target": prepared.target,
        "n_examples": prepared.n_examples,
        "test_fingerprint": prepared.test_fingerprint,
        "known_fingerprint": prepared.split.known_fingerprint,
        "versions": {
            "python": platform.python_version(),
            **{
                name: version(name)
                for name in ("proctor", "numpy", "optuna", "polars", "ray", "scikit-learn")
            },
        },
        "machine": platform.machine(),
    }
    store.create(config.name, attributes, direction=direction_of(config))


def direction_of(config: StudyConfig) -> StudyDirection:
    """Return the direction in which Optuna's tools rank a study whose metric is resolved."""
    is_maximized = config.metric is not None and config.metric.higher_is_better
    return StudyDirection.MAXIMIZE if is_maximized else StudyDirection.MINIMIZE


def load_study(store: StudyStore, name: str) -> StoredStudy:
    """Read a study from storage.

    Raises
    ------
    StorageError
        When there is no such study, it was not made by Proctor, or by another version of it, or another tool
        made or ended one of its trials.
    """
    attributes = store.attributes(name)
    written_format = attributes.get("format")
    if written_format is None or "config" not in attributes:
        raise OthersStudyError(f"study {name!r} was not made by Proctor; this version reads format {FORMAT}")
    if written_format != FORMAT:
        raise StorageError(f"study {name!r} has format {written_format}; this version reads format {FORMAT}")
    try:
        config = StudyConfig.model_validate(attributes["config"])
    except ValidationError as error:
        raise StorageError(f"study {name!r}: its stored configuration cannot be read: {error}") from error
    trials = store.trials(name)
    try:
        check_own(trials)
    except ForeignTrialError as error:
        raise ForeignTrialError(f"study {name!r}: {error}") from None
    return StoredStudy(
        config=config,
        keep_sealed=attributes["keep_sealed"],
        command=attributes["command"],
        target=attributes["target"],
        n_examples=attributes["n_examples"],
        test_fingerprint=attributes["test_fingerprint"],
        known_fingerprint=attributes["known_fingerprint"],
        winner=attributes.get("winner"),
        trials=trials,
    )
