"""Searched trials, sampled for real and judged by a formula that a test chooses."""

from collections.abc import Callable, Mapping
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from search_spaces.dimensions import ConstantDimension
from search_spaces.network.space import NetworkSpace
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.study.search.suggestions import distribution

Point = Mapping[str, Value]


def searched_trials(
    space: Mapping[str, Any],
    badness: Callable[[dict[str, Any], int], float | None],
    *,
    n: int,
    sampler: optuna.samplers.BaseSampler,
    best_epoch: Callable[[dict[str, Any]], int] = lambda _: 5,
) -> tuple[SearchSpace, list[FrozenTrial]]:
    """Search a space without conditions with one of Optuna's samplers.

    Parameters
    ----------
    space
        What is searched, as people write it.
    badness
        A trial's figure, by its values and number, the lower the better; None where its training breaks off.
    n
        Number of trials.
    sampler
        Who asks.
    best_epoch
        A point's best epoch.
    """
    made = NetworkSpace.model_validate(space)
    distributions = {
        name: distribution(dimension)
        for name, dimension in made.dimensions.items()
        if not isinstance(dimension, ConstantDimension)
    }
    study = optuna.create_study(sampler=sampler)
    trials = []
    for number in range(n):
        trial = study.ask(distributions)
        figure = badness(trial.params, number)
        state = TrialState.FAIL if figure is None else TrialState.COMPLETE
        study.tell(trial, figure, state=state)
        attributes: dict[str, Any] = {"virtual_end": 1.0, "failure_reason": "it diverged"}
        if figure is not None:
            attributes = {
                "virtual_end": 1.0,
                "dev_loss": figure,
                "learning_curve": {},
                "best_epoch": best_epoch(trial.params),
            }
        kept = create_trial(
            state=state,
            value=figure,
            params=trial.params,
            distributions=distributions,
            user_attrs=attributes
            if figure is not None
            else {"failure_reason": "it diverged", "virtual_end": 1.0},
        )
        kept.number = number
        trials.append(kept)
    return made, trials
