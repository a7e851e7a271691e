"""Optuna without Proctor: what its sampler's own arithmetic costs, and a trial in its ordinary storage."""

import time
from collections.abc import Mapping, Sequence

import optuna
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, create_trial

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace


def suggest_all(trial: optuna.Trial, space: SearchSpace) -> None:
    """Ask a trial for each searched hyperparameter of a space without conditions."""
    for name, dimension in space.dimensions.items():
        match dimension:
            case FloatDimension():
                trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
            case IntegerDimension():
                trial.suggest_int(name, dimension.low, dimension.high, log=dimension.log, step=dimension.step)
            case CategoricalDimension():
                trial.suggest_categorical(name, dimension.choices)
            case ConstantDimension():
                pass


def ask_seconds(trials: Sequence[FrozenTrial], space: SearchSpace, n_asks: int) -> list[float]:
    """Return how long each of some asks takes TPE on an in-memory study of these trials (seconds).

    One sampler is kept for all asks, as Optuna's users have it.
    """
    study = optuna.create_study(sampler=TPESampler(seed=0, constant_liar=True))
    study.add_trials(
        [
            create_trial(
                state=trial.state,
                value=trial.value,
                params=trial.params,
                distributions=trial.distributions,
                intermediate_values=trial.intermediate_values,
            )
            for trial in trials
        ]
    )
    seconds = []
    for _ in range(n_asks + 1):
        began = time.perf_counter()
        trial = study.ask()
        suggest_all(trial, space)
        seconds.append(time.perf_counter() - began)
        study.tell(trial, 0.5)
    return seconds[1:]  # the first one fills the sampler's caches


def ordinary_trial_seconds(
    url: str, name: str, space: SearchSpace, *, curve: Mapping[str, Sequence[float]], n_trials: int
) -> list[float]:
    """Return how long each of some trials takes in Optuna's ordinary storage (seconds).

    A trial is asked, reports its `dev_metric` of each epoch, keeps its whole curve, and is told.
    """
    errors = curve["dev_metric"]
    storage = optuna.storages.RDBStorage(url)
    study = optuna.load_study(
        study_name=name, storage=storage, sampler=TPESampler(seed=0, constant_liar=True)
    )
    seconds = []
    for _ in range(n_trials + 1):
        began = time.perf_counter()
        trial = study.ask()
        suggest_all(trial, space)
        for epoch, error in enumerate(errors, start=1):
            trial.report(error, epoch)
        trial.set_user_attr("learning_curve", dict(curve))
        study.tell(trial, errors[-1])
        seconds.append(time.perf_counter() - began)
    storage.remove_session()
    storage.engine.dispose()
    return seconds[1:]  # the first one reads the earlier trials
