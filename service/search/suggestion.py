"""What to try next: Optuna's sampler on a view of the study, of what the virtual clock lets it see."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.study_config import SamplerName
from service.search.distributions import SearchedDimension, distribution
from service.storage.study_store import TrialResult


def trial_seed(study_seed: int, number: int) -> int:
    """Return the seed of all of a trial's own randomness, from the study's seed and the trial's number."""
    return int(np.random.SeedSequence((study_seed, number, 1)).generate_state(1)[0])


def _sampler(name: SamplerName, study_seed: int, number: int) -> BaseSampler:
    # A sampler's stream restarts with its seed, so one seeded for the study would repeat itself after a
    # resume: each trial has its own, and what it suggests depends on the view and the trial's number alone.
    seed = int(np.random.SeedSequence((study_seed, number, 0)).generate_state(1)[0])
    match name:
        case SamplerName.TPE:
            return TPESampler(seed=seed, constant_liar=True)
        case SamplerName.RANDOM:
            return RandomSampler(seed=seed)


def _suggest(trial: optuna.Trial, name: str, dimension: SearchedDimension) -> Value:
    match dimension:
        case FloatDimension():
            return trial.suggest_float(name, dimension.low, dimension.high, log=dimension.log)
        case IntegerDimension():
            return trial.suggest_int(
                name, dimension.low, dimension.high, log=dimension.log, step=dimension.step
            )
        case CategoricalDimension():
            # Optuna gives back the choice itself, and allows choices of None besides.
            return cast("Value", trial.suggest_categorical(name, dimension.choices))


class Suggestions:
    """The sampler's view: trials by number, each shown as running until the virtual clock ends it.

    Parameters
    ----------
    space
        What is searched.
    sampler
        Which of Optuna's samplers suggests.
    study_seed
        The study's seed.
    """

    def __init__(self, space: SearchSpace, *, sampler: SamplerName, study_seed: int) -> None:
        self._space = space
        self._sampler_name = sampler
        self._study_seed = study_seed
        self._storage = optuna.storages.InMemoryStorage()
        self._view = optuna.create_study(storage=self._storage, direction="minimize")
        self._study_id = self._storage.get_study_id_from_name(self._view.study_name)
        self._n_asked = 0
        self._searched = {
            name: dimension
            for name, dimension in space.dimensions.items()
            if not isinstance(dimension, ConstantDimension)
        }
        self._distributions = {name: distribution(dim) for name, dim in self._searched.items()}

    def ask(self) -> tuple[dict[str, Value], dict[str, BaseDistribution]]:
        """Return the next trial's values for the active searched dimensions, and their distributions.

        Trial 0 is the space's default values.
        """
        number = self._n_asked
        if number == 0:
            first = self._space.default_values()
            self.show_running(first)
            return first, self._of(first)
        self._view.sampler = _sampler(self._sampler_name, self._study_seed, number)
        trial = self._view.ask()
        values: dict[str, Value] = {}
        for name, dimension in self._searched.items():
            if self._space.is_active(name, values):
                values[name] = _suggest(trial, name, dimension)
        self._n_asked += 1
        return values, self._of(values)

    def show_running(self, values: Mapping[str, Value]) -> None:
        """Put the next trial, asked in an earlier run of the study, into the view as running."""
        running = create_trial(state=TrialState.RUNNING, params=dict(values), distributions=self._of(values))
        self._storage.create_new_trial(self._study_id, running)
        self._n_asked += 1

    def show_ended(self, result: TrialResult) -> None:
        """Let the sampler see a trial's end: its state, value and intermediate values, lower being better."""
        trial_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, result.number)
        for epoch, metric in enumerate(result.intermediate_values, start=1):
            self._storage.set_trial_intermediate_value(trial_id, epoch, metric)
        values = None if result.value is None else [result.value]
        self._storage.set_trial_state_values(trial_id, result.state, values)

    def _of(self, values: Mapping[str, Value]) -> dict[str, BaseDistribution]:
        return {name: self._distributions[name] for name in values}
