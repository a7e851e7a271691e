"""Studies, trials and search spaces by their names, as commands look them up before they show them."""

import json
from copy import copy
from dataclasses import replace

from optuna.trial import FrozenTrial, TrialState

from search_spaces.kinds import space_type
from search_spaces.presets import load_preset
from search_spaces.space import SearchSpace
from service.advice.rounds import chain_of
from service.configuration.launch_config import LaunchConfig
from service.configuration.model_config import DEFAULT_KIND
from service.errors import BadInputError
from service.report.facts.study_report import StudyReport, build_report
from service.study.storage.database import opened_storage
from service.study.storage.kept_trials import record_of
from service.study.storage.stored_study import StoredStudy, load_study
from service.study.storage.study_store import StudyStore


def report_and_study(name: str, launch: LaunchConfig) -> tuple[StudyReport, StoredStudy]:
    """Return a study's report, and the study.

    Raises
    ------
    StorageError
        When there is no such study.
    """
    with opened_storage(launch, create=False) as store:
        study = load_study(store, name)
        return build_report(study, store), study


def study_of(name: str, launch: LaunchConfig) -> StoredStudy:
    """Return a study.

    Raises
    ------
    StorageError
        When there is no such study.
    """
    with opened_storage(launch, create=False) as store:
        return load_study(store, name)


def best_in_contest(name: str, launch: LaunchConfig) -> str:
    """Return the name of the study that won the contest of a study.

    Raises
    ------
    StorageError
        When there is no such study.
    """
    with opened_storage(launch, create=False) as store:
        return chain_of(store, load_study(store, name)).best.config.name


def study_with_states(name: str, launch: LaunchConfig) -> StoredStudy:
    """Return a study whose trials are waiting, not running, where nobody runs it.

    Storage cannot tell the two apart: a trial that was begun stays as it is until it has a result.

    Raises
    ------
    StorageError
        When there is no such study.
    """
    with opened_storage(launch, create=False) as store:
        return _with_states(load_study(store, name), store)


def _with_states(study: StoredStudy, store: StudyStore) -> StoredStudy:
    holder = store.holder(study.config.name)
    if holder is not None and holder.runs:
        return study
    return replace(
        study,
        trials=list(map(_waiting, study.trials)),
        earlier_confirmations=list(map(_waiting, study.earlier_confirmations)),
    )


def _waiting(trial: FrozenTrial) -> FrozenTrial:
    """Return a trial that a resume runs again as one that waits; another one as it is."""
    if trial.state is not TrialState.RUNNING:
        return trial
    waiting = copy(trial)
    waiting.state = TrialState.WAITING
    return waiting


def study_and_trial(name: str, number: int, launch: LaunchConfig) -> tuple[StoredStudy, FrozenTrial]:
    """Return a study, and one of its trials with its learning curve.

    Raises
    ------
    BadInputError
        When it has no trial of that number.
    StorageError
        When there is no such study.
    """
    with opened_storage(launch, create=False) as store:
        study = _with_states(load_study(store, name), store)
        trials = {each.trial.number: each.trial for each in study.foreign if not each.is_taken_back}
        trials |= {trial.number: trial for trial in (*study.trials, *study.earlier_confirmations)}
        trial = trials.get(number)
        if trial is None:
            raise BadInputError(
                f"study {name!r} has trials 0 to {len(trials) - 1}: there is no trial {number}"
            )
        store.read_curves(name, [trial])
        return study, trial


def read_space(name: str, kind: str | None) -> SearchSpace:
    """Return a built-in search space of a kind of model, by default of networks.

    Raises
    ------
    BadInputError
        When there is no such kind, or none of that name.
    """
    try:
        return load_preset(space_type(kind or DEFAULT_KIND), name)
    except ValueError as error:
        raise BadInputError(str(error)) from None


def trial_json(trial: FrozenTrial) -> str:
    """Return a trial as one JSON object: its values and attributes under their names in storage."""
    return json.dumps(
        {
            "number": trial.number,
            "state": trial.state.name.lower(),
            "value": trial.value,
            "params": trial.params,
            **record_of(trial).attributes,
        }
    )
