"""Proctor's side of the task: its study file, the data that its workers get, and the log of its trials."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from optuna.trial import FrozenTrial

from benchmarks.search_peers.task import CHOICES, RANGES, EndedTrial, Task
from service.configuration.study_file import read_study_file
from service.data.preparation.prepared_data import prepare_data
from service.study.storage.kept_trials import record_of, searched
from service.study.storage.study_store import StudyStore

NAMES = {"l2": "l2_lambda"}
"""Proctor's names of hyperparameters, where they are others."""


def write_study_file(path: Path, table: str, target: str | None, task: Task) -> Path:
    """Write the task as a study file."""
    (low, high), (shallow, deep) = RANGES["width"], RANGES["depth"]
    lines = [f'name = "study"\nseed = {task.seed}\ntrials = {task.n_trials}\nmetric = "error"']
    lines.append(f'[data]\ntable = "{table}"' + (f'\ntarget = "{target}"' if target else ""))
    lines.append(f"[training]\nmax_epochs = {task.n_epochs}\npatience = {task.patience}")
    for name in ("learning_rate", "l2"):
        bottom, top = RANGES[name]
        lines.append(f"[space.{NAMES.get(name, name)}]\nlow = {bottom}\nhigh = {top}\nlog = true")
    lines.append(f"[space.width]\nlow = {low}\nhigh = {high}\nlog = true")
    lines.append(f"[space.depth]\nlow = {shallow}\nhigh = {deep}")
    lines += [f"[space.{name}]\nchoices = {json.dumps(choices)}" for name, choices in CHOICES.items()]
    path.write_text("\n\n".join(lines) + "\n")
    return path


def write_data(study_file: Path, path: Path) -> Path:
    """Write what Proctor's workers train on and are judged by: the peers get the very same."""
    config, _ = read_study_file(study_file, {})
    sets = prepare_data(config).train_dev
    np.savez(path, X_train=sets.X_train, y_train=sets.y_train, X_dev=sets.X_dev, y_dev=sets.y_dev)
    return path


def ended_trials(url: str) -> list[EndedTrial]:
    """Return the log of a study, from its storage."""
    store = StudyStore(url, create=False)
    try:
        trials = _in_order(searched(store.trials("study")))
    finally:
        store.close()
    return [
        EndedTrial(
            began=_seconds(trial.datetime_start),
            ended=_seconds(trial.datetime_complete),
            error=min(trial.intermediate_values.values(), default=1.0),
            epochs=record_of(trial).epochs,
            training_seconds=record_of(trial).seconds or 0.0,
        )
        for trial in trials
    ]


def _in_order(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return sorted(trials, key=lambda trial: _seconds(trial.datetime_complete))


def _seconds(time: datetime | None) -> float:
    """Return Unix seconds of a time in storage, which is UTC and does not say so."""
    return time.replace(tzinfo=UTC).timestamp() if time else float("nan")
