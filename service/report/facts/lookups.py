"""Studies, trials and search spaces by their names, as commands look them up before they show them."""

import json

from optuna.trial import FrozenTrial

from search_spaces.presets import UnknownPresetError, load_preset
from search_spaces.space import SearchSpace
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.report.facts.study_report import StudyReport, build_report
from service.study.storage.database import opened_storage
from service.study.storage.kept_trials import record_of
from service.study.storage.stored_study import StoredStudy, load_study


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
        study = load_study(store, name)
        trials = {each.trial.number: each.trial for each in study.foreign if not each.is_taken_back}
        trials |= {trial.number: trial for trial in (*study.trials, *study.earlier_confirmations)}
        trial = trials.get(number)
        if trial is None:
            raise BadInputError(
                f"study {name!r} has trials 0 to {len(trials) - 1}: there is no trial {number}"
            )
        store.read_curves(name, [trial])
        return study, trial


def read_space(name: str) -> SearchSpace:
    """Return a built-in search space.

    Raises
    ------
    BadInputError
        When there is none of that name.
    """
    try:
        return load_preset(name)
    except UnknownPresetError as error:
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
