"""The kept TPE suggests the very same as a new one of Optuna's own, made before each trial."""

import warnings
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import optuna
import pytest
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from search_spaces.presets import load_preset
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig
from service.study.search.seeds import sampler_seed
from service.study.search.suggestions import Suggestions, distribution
from service.study.storage.kept_trials import TrialResult

N_TRIALS, SEED = 60, 3
CONDITIONAL = SearchSpace.model_validate(
    {
        "optimizer": {"choices": ["adam", "momentum"]},
        "momentum": {"low": 0.5, "high": 0.99, "when": {"optimizer": ["momentum"]}},
        "learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
        "depth": {"low": 1, "high": 3},
        "width_2": {"low": 8, "high": 64, "log": True, "when": {"depth": {"at_least": 2}}},
        "width_3": {"low": 8, "high": 64, "step": 8, "when": {"depth": {"at_least": 3}}},
    }
)


class Shown(NamedTuple):
    """A trial as the oracle is told of it."""

    values: Mapping[str, Value]
    state: TrialState
    value: float | None = None
    last: tuple[int, float] | None = None

    def frozen(self, space: SearchSpace) -> FrozenTrial:
        """Return it as Optuna's: one that failed is pruned without having reported anything."""
        dimensions = space.dimensions
        return create_trial(
            state=self.state,
            params=dict(self.values),
            distributions={name: distribution(dimensions[name]) for name in self.values},  # type: ignore[arg-type]
            value=self.value,
            intermediate_values=dict([self.last]) if self.last else {},
        )


def by_optuna(space: SearchSpace, config: SamplerConfig, shown: list[Shown]) -> dict[str, Value]:
    """Ask a new sampler in a new study, through nothing but Optuna's public functions."""
    sampler = TPESampler(
        seed=sampler_seed(SEED, len(shown)),
        n_startup_trials=config.startup_trials or 0,
        multivariate=config.multivariate,
        group=bool(config.group),
    )
    study = optuna.create_study(sampler=sampler)
    study.add_trials([trial.frozen(space) for trial in shown])
    trial = study.ask()
    values: dict[str, Value] = {}
    for name in space.searched_names:
        if space.is_active(name, values):
            match space.dimensions[name]:
                case FloatDimension(low=low, high=high, log=log):
                    values[name] = trial.suggest_float(name, low, high, log=log)
                case IntegerDimension(low=low, high=high, log=log, step=step):
                    values[name] = trial.suggest_int(name, low, high, log=log, step=step)
                case dimension:
                    values[name] = trial.suggest_categorical(name, dimension.choices)  # type: ignore[union-attr,assignment]
    return values


@pytest.mark.parametrize(
    ("space", "options"),
    [
        (CONDITIONAL, {}),
        (CONDITIONAL, {"multivariate": True}),
        (CONDITIONAL, {"multivariate": True, "group": True}),
        (CONDITIONAL, {"startup_trials": 1}),
        (load_preset("default"), {}),
    ],
)
def test_it_suggests_the_same_as_a_new_one(space: SearchSpace, options: dict[str, int]) -> None:
    """Of 60 trials that end in any order, in any state, with some always running."""
    config = SamplerConfig.model_validate(options)
    suggestions = Suggestions(space, sampler=config, study_seed=SEED)
    rng = np.random.default_rng(0)
    shown: list[Shown] = []
    running: list[int] = []
    for number in range(N_TRIALS):
        values, _ = suggestions.ask()
        if number > 0:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                assert values == by_optuna(space, config, shown)
        shown.append(Shown(values, TrialState.RUNNING))
        running.append(number)
        while len(running) > rng.integers(1, 6):
            ended = running.pop(rng.integers(len(running)))
            badness = round(float(rng.random()), 1)  # with ties
            epochs = int(rng.integers(1, 4))
            match rng.integers(3):
                case 0:
                    result = TrialResult(ended, TrialState.COMPLETE, badness, [badness] * epochs, {})
                    shown[ended] = Shown(shown[ended].values, TrialState.COMPLETE, badness)
                case 1:
                    result = TrialResult(ended, TrialState.PRUNED, badness, [0.5] * epochs + [badness], {})
                    last = (epochs + 1, badness)
                    shown[ended] = Shown(shown[ended].values, TrialState.PRUNED, badness, last)
                case _:
                    result = TrialResult(ended, TrialState.FAIL, None, [], {})
                    shown[ended] = Shown(shown[ended].values, TrialState.PRUNED)
            suggestions.show_ended(result)
