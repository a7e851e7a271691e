"""Confirmation runs in storage, written as a coordinator would, with figures that a test chooses."""

from collections.abc import Mapping, Sequence

from optuna.trial import FrozenTrial, TrialState

from service.study.storage.kept_trials import AskedTrial, TrialAttributes, TrialResult, record_of
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
    attributes = TrialAttributes(seed=number, virtual_start=0.0, confirms=trial.number)
    asked = AskedTrial(number, trial.params, trial.distributions, attributes)
    store.record(study, ended=[], asked=[asked])


def _attributes(trial: FrozenTrial, figure: float | None) -> TrialAttributes:
    if figure is None:
        return {"virtual_end": 1.0, "failure_reason": "diverged", "seconds": 100.0, "runs": 1}
    record = record_of(trial)
    curve = {name: column[:1] for name, column in record.learning_curve.items()}
    attributes = record.attributes.copy()
    del attributes["seed"], attributes["virtual_start"]
    return attributes | TrialAttributes(
        learning_curve={**curve, "dev_metric": [figure]}, best_epoch=1, epochs=1, seconds=100.0
    )
