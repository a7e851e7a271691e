"""Suggestions depend on the view, the seed and the trial's number, and on nothing else."""

import math
from collections.abc import Mapping
from importlib.util import find_spec
from itertools import product
from math import log

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from search_spaces.dimensions import CategoricalDimension
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig, SamplerName
from service.study.search.optuna_view import OptunaView
from service.study.search.sampler_packages import NEEDED_PACKAGES
from service.study.search.suggestions import (
    OtherSuggestionError,
    SearchedDimension,
    Suggestions,
    distribution,
)
from service.study.storage.kept_trials import TrialResult

SPACE = NetworkSpace.model_validate(
    {
        "optimizer": {"choices": ["adam", "momentum"]},
        "momentum": {"low": 0.5, "high": 0.99, "when": {"optimizer": ["momentum"]}},
        "learning_rate": {"low": 1e-4, "high": 1.0, "log": True, "default": 0.01},
        "width": {"low": 8, "high": 64, "step": 8, "default": 16},
    }
)
UNCONDITIONAL = NetworkSpace.model_validate(
    {name: SPACE.model_dump(exclude_none=True)[name] for name in ("optimizer", "learning_rate", "width")}
)
TPE = SamplerConfig()
RANDOM = SamplerConfig(kind=SamplerName.RANDOM)
SAMPLERS = {
    "tpe": TPE,
    "tpe, jointly": SamplerConfig(multivariate=True),
    "tpe, in groups": SamplerConfig(multivariate=True, group=True),
    "random": RANDOM,
    "qmc": SamplerConfig(kind=SamplerName.QMC),
    "qmc, unscrambled": SamplerConfig(kind=SamplerName.QMC, scramble=False),
    "gp": SamplerConfig(kind=SamplerName.GP, startup_trials=15),
    "cma-es": SamplerConfig(kind=SamplerName.CMA_ES),
    "grid": SamplerConfig(kind=SamplerName.GRID, points=4),
}

each_sampler = pytest.mark.parametrize(
    "sampler",
    [
        pytest.param(
            sampler,
            id=name,
            marks=pytest.mark.skipif(
                sampler.kind in NEEDED_PACKAGES and find_spec(NEEDED_PACKAGES[sampler.kind]) is None,
                reason=f"{NEEDED_PACKAGES.get(sampler.kind)} is not installed",
            ),
        )
        for name, sampler in SAMPLERS.items()
    ],
)


def space_for(sampler: SamplerConfig) -> SearchSpace:
    return UNCONDITIONAL if sampler.kind is SamplerName.GRID else SPACE


def complete(number: int, metric: float) -> TrialResult:
    return TrialResult(number, TrialState.COMPLETE, metric, [metric], {})


def distance(values: Mapping[str, Value]) -> float:
    """Return how far a point is from the best one: a rate of 0.01 at a width of 32."""
    return abs(float(values["learning_rate"]) - 0.01) + abs(int(values["width"]) - 32) / 100


def ended(number: int, values: Mapping[str, Value], state: TrialState) -> TrialResult:
    """Return a trial's result by its values: of a trial that failed there is none."""
    if state is TrialState.FAIL:
        return TrialResult(number, state, None, [], {})
    return TrialResult(number, state, distance(values), [1.0, distance(values)], {})


def search(sampler: SamplerConfig, seed: int, n: int) -> list[dict[str, Value]]:
    """Ask and tell so many trials, one after the other."""
    suggestions = Suggestions(space_for(sampler), sampler=sampler, study_seed=seed)
    asked = []
    for number in range(n):
        values, _ = suggestions.ask()
        asked.append(values)
        suggestions.show_ended(complete(number, distance(values)))
    return asked


Steps = list[tuple[str, int]]


def live(suggestions: Suggestions, steps: Steps, *, asked_before: list[dict[str, Value]]) -> None:
    """Live through a study, trials asked, fixed and ended as it was drawn; add to its points.

    Where points were asked before, a view is rebuilt from them.
    """
    is_rebuilt = bool(asked_before)
    running: list[int] = []
    n_asked = 0
    for step, draw in steps:
        if step == "end" and running:
            number = running.pop(draw % len(running))
            state = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL][draw % 3]
            suggestions.show_ended(ended(number, asked_before[number], state))
            continue
        fixed: dict[str, Value] = {"optimizer": "adam", "learning_rate": 0.1 ** (draw % 4), "width": 16}
        if step == "fix":
            values, _ = suggestions.ask_fixed(fixed)
        elif is_rebuilt:
            values = asked_before[n_asked]
            suggestions.show_running(values)
        else:
            values, _ = suggestions.ask()
        asked_before[n_asked : n_asked + 1] = [values]
        running.append(n_asked)
        n_asked += 1


@each_sampler
@settings(max_examples=5, phases=(Phase.generate,))  # a study is slow to shrink
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["ask", "ask", "end", "end", "fix"]), st.integers(0, 100)),
        min_size=20,
        max_size=50,
    ),
    seed=st.integers(0, 1000),
)
def test_a_view_rebuilt_after_a_crash_suggests_the_same(
    sampler: SamplerConfig, steps: Steps, seed: int
) -> None:
    """Trials end in any order, in any state; and each point is valid in the space."""
    space = space_for(sampler)
    points: list[dict[str, Value]] = []
    first, rebuilt = (Suggestions(space, sampler=sampler, study_seed=seed) for _ in range(2))
    for suggestions in (first, rebuilt):
        live(suggestions, [("ask", 0), *steps], asked_before=points)

    for _ in range(3):
        values, distributions = first.ask()
        assert (values, distributions) == rebuilt.ask()
        points.append(values)
    for values in points:
        space.point(values)


@each_sampler
def test_the_first_trial_is_the_defaults(sampler: SamplerConfig) -> None:
    space = space_for(sampler)
    assert Suggestions(space, sampler=sampler, study_seed=0).ask()[0] == space.default_values()


def test_each_point_is_of_the_space() -> None:
    asked = search(TPE, seed=0, n=30)
    assert {("momentum" in values) == (values["optimizer"] == "momentum") for values in asked} == {True}


@pytest.mark.parametrize("name", ["small", "default", "course-notes", "optimizers", "thorough"])
def test_every_built_in_space_can_be_suggested_from(name: str) -> None:
    space = load_preset(NetworkSpace, name)
    suggestions = Suggestions(space, sampler=TPE, study_seed=0)
    for _ in range(15):
        values, distributions = suggestions.ask()
        space.point(values)
        assert values.keys() == distributions.keys()


def test_tpe_learns() -> None:
    """Of 8 seeds, its last 20 of 50 points are nearer to the best one than random ones at least 7 times."""

    def late(sampler: SamplerConfig, seed: int) -> float:
        return sum(distance(values) for values in search(sampler, seed, 50)[30:])

    wins = [late(TPE, seed) < late(RANDOM, seed) for seed in range(8)]
    assert sum(wins) >= 7


def test_tpe_sees_where_trials_are_running() -> None:
    """Where six trials run at the best point, it suggests rates farther off than where they run elsewhere."""
    here: dict[str, Value] = {"optimizer": "adam", "learning_rate": 0.01, "width": 32}
    there: dict[str, Value] = {"optimizer": "adam", "learning_rate": 0.5, "width": 64}

    def suggested(seed: int, running: Mapping[str, Value]) -> float:
        suggestions = Suggestions(SPACE, sampler=TPE, study_seed=seed)
        for number, values in enumerate(search(TPE, seed=seed, n=20)):
            suggestions.show_running(values)
            suggestions.show_ended(complete(number, distance(values)))
        for _ in range(6):
            suggestions.show_running(running)
        return float(suggestions.ask()[0]["learning_rate"])

    def miss(seed: int, running: Mapping[str, Value]) -> float:
        return abs(log(suggested(seed, running) / 0.01))

    assert sum(miss(seed, here) - miss(seed, there) for seed in range(16)) > 5


@pytest.mark.parametrize("kind", [SamplerName.QMC, SamplerName.GRID])
def test_a_sampler_that_is_asked_again_refuses_points_that_it_would_not_suggest(kind: SamplerName) -> None:
    sampler = SamplerConfig(kind=kind)
    suggestions = Suggestions(UNCONDITIONAL, sampler=sampler, study_seed=0)
    suggestions.ask()
    with pytest.raises(OtherSuggestionError, match=r"^trial 1 has optimizer = adam, .* where .* suggests "):
        suggestions.show_running({"optimizer": "adam", "learning_rate": 0.0123, "width": 24})


def test_a_grid_is_tried_once_after_the_default_values() -> None:
    asked = search(SamplerConfig(kind=SamplerName.GRID), seed=0, n=1 + 2 * 3 * 3)

    tried = sorted((p["optimizer"], round(float(p["learning_rate"]), 9), p["width"]) for p in asked[1:])
    assert tried == sorted(product(["adam", "momentum"], [1e-4, 1e-2, 1.0], [8, 40, 64]))


def test_a_point_that_failed_is_not_tried_again() -> None:
    """Of a space of 6 points those that fail are left; one that was enqueued is tried all the same."""
    space = NetworkSpace.model_validate({"depth": {"low": 1, "high": 6}})
    for sampler in (TPE, RANDOM):
        suggestions = Suggestions(space, sampler=sampler, study_seed=0)
        failing = {1, 2, 4, 5}
        seen = []
        for number in range(40):
            depth = suggestions.ask()[0]["depth"]
            seen.append(depth)
            state = TrialState.FAIL if depth in failing else TrialState.COMPLETE
            suggestions.show_ended(TrialResult(number, state, None if depth in failing else 0.1, [], {}))
        assert {depth: seen.count(depth) for depth in failing} == dict.fromkeys(failing, 1)
        assert suggestions.ask_fixed({"depth": 4})[0] == {"depth": 4}


def test_a_space_of_nothing_but_points_that_failed_goes_on() -> None:
    space = NetworkSpace.model_validate({"depth": {"low": 1, "high": 2}})
    suggestions = Suggestions(space, sampler=TPE, study_seed=0)
    for number in range(5):
        suggestions.ask()
        suggestions.show_ended(TrialResult(number, TrialState.FAIL, None, [], {}))


@pytest.mark.parametrize("state", [TrialState.COMPLETE, TrialState.PRUNED])
def test_tpe_keeps_away_from_where_trials_failed(state: TrialState) -> None:
    """20 trials fail at high rates; shown, fewer of 30 suggestions are there than where they are hidden."""
    space = NetworkSpace.model_validate({"learning_rate": {"low": 1e-4, "high": 1.0, "log": True}})

    def n_high(seed: int, *, shown: bool) -> int:
        rates = [10 ** -(1.2 + 2.8 * place / 19) for place in range(20)]
        failed = [10 ** -(place / 20) for place in range(20)] if shown else []
        suggestions = Suggestions(space, sampler=TPE, study_seed=seed)
        for number, rate in enumerate((*rates, *failed)):
            suggestions.ask_fixed({"learning_rate": rate})
            value = 1.0 - rate  # the better the nearer to where they fail
            suggestions.show_ended(
                TrialResult(number, state, value, [value], {})
                if number < 20
                else TrialResult(number, TrialState.FAIL, None, [], {})
            )
        return sum(float(suggestions.ask()[0]["learning_rate"]) > 0.1 for _ in range(30))

    for seed in range(3):
        assert n_high(seed, shown=True) < n_high(seed, shown=False) / 2


@pytest.mark.parametrize("sampler", [RANDOM, TPE])
def test_each_trial_of_each_study_is_drawn_anew(sampler: SamplerConfig) -> None:
    rates = [values["learning_rate"] for seed in range(3) for values in search(sampler, seed, 20)[1:]]
    assert len(set(rates)) == len(rates)


def test_optunas_samplers_see_all_trials_complete() -> None:
    """One that was pruned with what it had reached, one that failed with infinity."""
    view = OptunaView(
        NetworkSpace.model_validate({"learning_rate": {"low": 0.0001, "high": 1.0}}),
        {"learning_rate": FloatDistribution(0.0001, 1.0)},
        RandomSampler,
        keeps_notes=False,
    )
    for rate in (0.1, 0.2, 0.3, 0.4):
        view.show_running({"learning_rate": rate})
    for result in (
        TrialResult(0, TrialState.COMPLETE, 0.2, [0.5, 0.2], {}),
        TrialResult(1, TrialState.PRUNED, 0.6, [0.7, 0.6], {}),
        TrialResult(2, TrialState.FAIL, None, [0.1], {}),
    ):
        view.show_ended(result)

    assert [(trial.state, trial.value) for trial in view.study.get_trials()] == [
        (TrialState.COMPLETE, 0.2),
        (TrialState.COMPLETE, 0.6),
        (TrialState.COMPLETE, math.inf),
        (TrialState.RUNNING, None),
    ]


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        (FloatDimension(low=0.1, high=0.9), FloatDistribution(0.1, 0.9)),
        (FloatDimension(low=1e-5, high=1.0, log=True), FloatDistribution(1e-5, 1.0, log=True)),
        (IntegerDimension(low=1, high=4), IntDistribution(1, 4)),
        (IntegerDimension(low=8, high=64, step=8), IntDistribution(8, 64, step=8)),
        (IntegerDimension(low=8, high=512, log=True), IntDistribution(8, 512, log=True)),
        (CategoricalDimension(choices=("relu", "tanh")), CategoricalDistribution(("relu", "tanh"))),
        (CategoricalDimension(choices=(64, 16, 32)), CategoricalDistribution((64, 16, 32))),
    ],
    ids=str,
)
def test_each_kind_of_dimension_is_drawn_from_its_own_range(
    dimension: SearchedDimension, expected: BaseDistribution
) -> None:
    assert distribution(dimension) == expected
