"""Confirmation runs in storage, written as a coordinator would, with figures that a test chooses."""

from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from service.study.storage.kept_trials import CONFIRMS, AskedTrial, TrialResult
from service.study.storage.study_store import StudyStore


def confirm(store: StudyStore, study: str, runs: Mapping[int, Sequence[float | None]]) -> None:
    """Write confirmation runs of a study's trials.

    Parameters
    ----------
    store, study
        Where; the trials that are run again are complete.
    runs
        By number of the trial, the dev metric of each of its runs; None for one that diverged.
    """
    trials = store.trials(study)
    number = len(trials)
    for confirmed, figures in runs.items():
        trial = trials[confirmed]
        for figure in figures:
            begin_run(store, study, trial, number=number)
            ended = TrialResult(
                number,
                TrialState.FAIL if figure is None else TrialState.COMPLETE,
                figure,
                [] if figure is None else [figure],
                _attributes(trial, figure),
            )
            store.record(study, ended=[ended], asked=[])
            number += 1


def begin_run(store: StudyStore, study: str, trial: FrozenTrial, *, number: int) -> None:
    """Write a confirmation run that has not ended."""
    attributes = {"seed": number, "virtual_start": 0.0, CONFIRMS: trial.number}
    asked = AskedTrial(number, trial.params, trial.distributions, attributes)
    store.record(study, ended=[], asked=[asked])


def _attributes(trial: FrozenTrial, figure: float | None) -> dict[str, Any]:
    if figure is None:
        return {"virtual_end": 1.0, "failure_reason": "diverged", "seconds": 100.0}
    curve = {name: column[:1] for name, column in trial.user_attrs["learning_curve"].items()}
    return {
        **{name: value for name, value in trial.user_attrs.items() if name not in {"seed", "virtual_start"}},
        "learning_curve": {**curve, "dev_metric": [figure]},
        "best_epoch": 1,
        "epochs": 1,
        "seconds": 100.0,
    }
