"""Suggestions depend on the view, the seed and the trial's number, and on nothing else."""

from collections.abc import Mapping

import pytest
from optuna.trial import TrialState

from search_spaces.presets import load_preset
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.study_config import SamplerName
from service.search.suggestion import Suggestions, trial_seed
from service.storage.study_store import TrialResult

SPACE = SearchSpace.model_validate(
    {
        "optimizer": {"choices": ["adam", "momentum"]},
        "momentum": {"low": 0.5, "high": 0.99, "when": {"optimizer": ["momentum"]}},
        "learning_rate": {"low": 1e-4, "high": 1.0, "log": True, "default": 0.01},
        "width": {"low": 8, "high": 64, "step": 8, "default": 16},
    }
)


def complete(number: int, metric: float) -> TrialResult:
    return TrialResult(number, TrialState.COMPLETE, metric, [metric], {})


def distance(values: Mapping[str, Value]) -> float:
    """Return how far a point is from the best one: a rate of 0.01 at a width of 32."""
    return abs(float(values["learning_rate"]) - 0.01) + abs(int(values["width"]) - 32) / 100


def search(sampler: SamplerName, seed: int, n: int) -> list[dict[str, Value]]:
    """Ask and tell so many trials, one after the other."""
    suggestions = Suggestions(SPACE, sampler=sampler, study_seed=seed)
    asked = []
    for number in range(n):
        values, _ = suggestions.ask()
        asked.append(values)
        suggestions.show_ended(complete(number, distance(values)))
    return asked


@pytest.mark.parametrize("sampler", SamplerName)
def test_a_view_rebuilt_after_a_crash_suggests_the_same(sampler: SamplerName) -> None:
    asked = search(sampler, seed=3, n=25)

    rebuilt = Suggestions(SPACE, sampler=sampler, study_seed=3)
    for number, values in enumerate(asked[:20]):
        rebuilt.show_running(values)
        rebuilt.show_ended(complete(number, distance(values)))
    assert rebuilt.ask()[0] == asked[20]


def test_the_first_trial_is_the_defaults_and_each_point_is_of_the_space() -> None:
    asked = search(SamplerName.TPE, seed=0, n=30)

    assert asked[0] == SPACE.default_values()
    for values in asked:
        SPACE.point(values)
    assert {("momentum" in values) == (values["optimizer"] == "momentum") for values in asked} == {True}


@pytest.mark.parametrize("name", ["small", "default", "course-notes", "optimizers"])
def test_every_built_in_space_can_be_suggested_from(name: str) -> None:
    space = load_preset(name)
    suggestions = Suggestions(space, sampler=SamplerName.TPE, study_seed=0)
    for _ in range(15):
        values, distributions = suggestions.ask()
        space.point(values)
        assert values.keys() == distributions.keys()


def test_tpe_learns() -> None:
    """Of 8 seeds, its last 20 of 50 points are nearer to the best one than random ones at least 7 times."""

    def late(sampler: SamplerName, seed: int) -> float:
        return sum(distance(values) for values in search(sampler, seed, 50)[30:])

    wins = [late(SamplerName.TPE, seed) < late(SamplerName.RANDOM, seed) for seed in range(8)]
    assert sum(wins) >= 7


def test_tpe_sees_where_trials_are_running() -> None:
    """Views that differ only in the points that are being tried now lead to different suggestions."""
    here: dict[str, Value] = {"optimizer": "adam", "learning_rate": 0.01, "width": 32}
    there: dict[str, Value] = {"optimizer": "adam", "learning_rate": 0.5, "width": 64}
    asked = search(SamplerName.TPE, seed=1, n=20)
    points = []
    for running in (here, there):
        suggestions = Suggestions(SPACE, sampler=SamplerName.TPE, study_seed=1)
        for number, values in enumerate(asked):
            suggestions.show_running(values)
            suggestions.show_ended(complete(number, distance(values)))
        for _ in range(6):
            suggestions.show_running(running)
        points.append(suggestions.ask()[0])

    assert points[0] != points[1]


def test_each_trial_of_each_study_is_drawn_anew() -> None:
    rates = [
        values["learning_rate"] for seed in range(3) for values in search(SamplerName.RANDOM, seed, 20)[1:]
    ]
    assert len(set(rates)) == len(rates)


def test_each_trial_of_each_study_has_a_seed_of_its_own() -> None:
    seeds = {trial_seed(study, number) for study in range(30) for number in range(100)}
    assert len(seeds) == 3000
    assert all(0 <= seed < 2**32 for seed in seeds)
