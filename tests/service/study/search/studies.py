"""Small studies for tests: quick to run, with trials that complete, are pruned, and fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial

from search_spaces.input_choices import InputChoices
from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import NetworkSpace
from search_spaces.values import Value
from service.configuration.study_config import (
    ConfirmationConfig,
    ResolvedData,
    ResolvedStudy,
    TrainingConfig,
)
from service.study.search.coordinator import Coordinator
from service.study.search.search_budget import SearchEnding
from service.study.search.trial_lifecycle import State
from service.study.storage.stored_study import direction_of
from service.study.storage.study_store import StudyStore
from workers.messages import Event, TrialRequest
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.pools.pool import WorkerPool
from workers.train_dev_data import Task, TrainDevData
from workers.trial_data import TrialData

ACCIDENTS = {"seconds", "worker", "runs"}
"""Attributes of a trial that may differ from run to run; all else is the study's."""


def two_moons(n_train: int = 60, n_dev: int = 40) -> TrialData:
    """Make a classification of two overlapping half circles."""
    rng = np.random.default_rng(11)
    n = n_train + n_dev
    y = rng.integers(2, size=n)
    angle = rng.uniform(0, np.pi, n)
    X = np.stack([np.cos(angle) + y, np.sin(angle) * (1 - 2 * y) + y / 2], axis=1)
    X = (X + rng.normal(0, 0.25, X.shape)).astype(np.float32)
    data = TrainDevData(Task.CLASSIFICATION, X[:n_train], y[:n_train], X[n_train:], y[n_train:], 2)
    return TrialData.single(data)


def folded_moons(n_folds: int = 3) -> TrialData:
    """Deal the examples of two overlapping half circles to folds."""
    (whole,) = two_moons(90, 1).folds(NetworkPoint())
    part = np.arange(len(whole.X_train)) % n_folds
    X, y = whole.X_train, whole.y_train
    folds = tuple(
        TrainDevData(whole.task, X[part != fold], y[part != fold], X[part == fold], y[part == fold], 2)
        for fold in range(n_folds)
    )
    return TrialData({InputChoices(): folds})


def small_config(**changes: Any) -> ResolvedStudy:  # noqa: ANN401 (any field of the configuration)
    """Make a study of a dozen trials; its highest learning rates diverge."""
    space: dict[str, Any] = {
        "optimizer": {"choices": ["adam", "momentum"]},
        "momentum": {"low": 0.5, "high": 0.99, "when": {"optimizer": ["momentum"]}},
        "learning_rate": {"low": 1e-3, "high": 1e28, "log": True, "default": 0.01},
        "width": {"low": 2, "high": 16, "log": True},
        "depth": 1,
        "batch_size": 16,
    }
    given: dict[str, Any] = {
        "name": "small",
        "data": ResolvedData(table="moons", task=Task.CLASSIFICATION),
        "training": TrainingConfig(max_epochs=9, patience=4),
        "trials": 14,
        "concurrency": 4,
        "confirmation": ConfirmationConfig(finalists=0),
        "metric": Metric.ERROR,
        "watch": Metric.ERROR,
        "space": NetworkSpace.model_validate(space),
    }
    return ResolvedStudy(**{**given, **changes})


@dataclass
class Witness:
    """An observer that remembers what it heard."""

    asked_numbers: list[int] = field(default_factory=list)
    restored_numbers: list[int] = field(default_factory=list)
    events: list[tuple[Event, State]] = field(default_factory=list)
    ending: SearchEnding | None = None
    lines: list[str] = field(default_factory=list)
    on_event: Callable[[Event], None] = lambda _: None

    def asked(self, request: TrialRequest, values: Mapping[str, Value]) -> None:  # noqa: ARG002 (a protocol)
        """Remember the trial."""
        self.asked_numbers.append(request.number)

    def restored(self, trial: FrozenTrial) -> None:
        """Remember the trial."""
        self.restored_numbers.append(trial.number)

    def happened(self, event: Event, state: State) -> None:
        """Remember the event."""
        self.events.append((event, state))
        self.on_event(event)

    def confirming(self, ending: SearchEnding, n_confirmations: int) -> None:  # noqa: ARG002 (a protocol)
        """Remember why the search ended."""
        self.ending = ending

    def said(self, line: str) -> None:
        """Remember the line."""
        self.lines.append(line)


def begin(store: StudyStore, config: ResolvedStudy) -> None:
    """Make the study in its storage."""
    attributes = {"config": config.model_dump(mode="json")}
    store.create(config.name, attributes, direction=direction_of(config))


def run_to_end(
    store: StudyStore,
    config: ResolvedStudy,
    *,
    pool: WorkerPool | None = None,
    witness: Witness | None = None,
    data: TrialData | None = None,
) -> Witness:
    """Run what is left of a study that has been begun."""
    data = data or two_moons()
    heard = witness or Witness()
    coordinator = Coordinator(config, data, store=store, pool=pool or InProcessPool(data), observer=heard)
    assert coordinator.run(lambda: False)
    return heard


def content(store: StudyStore, name: str) -> list[dict[str, Any]]:
    """Return all that a study's trials are, but for accidents and times."""
    return [
        {
            "number": trial.number,
            "state": trial.state,
            "value": trial.value,
            "params": trial.params,
            "distributions": trial.distributions,
            "intermediate_values": trial.intermediate_values,
            "attributes": {key: value for key, value in trial.user_attrs.items() if key not in ACCIDENTS},
        }
        for trial in store.trials(name)
    ]
