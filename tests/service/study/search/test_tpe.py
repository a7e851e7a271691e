"""TPE suggests as Optuna's does, and the same on each kind of processor."""

import json
import os
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import inf, nan
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.samplers import TPESampler
from optuna.trial import TrialState, create_trial
from scipy.stats import chi2_contingency

from search_spaces.network.space import NetworkSpace
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from search_spaces.values import Value
from service.configuration.search_config import SamplerConfig
from service.study.search import parzen_estimator, unit_scales
from service.study.search.suggestions import distribution
from service.study.search.tpe import MOST_KERNELS, N_LATEST, TPE, TrialRanks, first_best, kept_trials
from service.study.storage.kept_trials import TrialResult

SPACE = NetworkSpace.model_validate(
    {
        "optimizer": {"choices": ["adam", "rmsprop"]},
        "learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
        "depth": {"low": 1, "high": 4},
        "width": {"low": 8, "high": 64, "log": True},
        "batch_size": {"low": 16, "high": 128, "step": 16},
    }
)
CONDITIONAL = NetworkSpace.model_validate(
    {
        "optimizer": {"choices": ["adam", "momentum"]},
        "momentum": {"low": 0.5, "high": 0.99, "when": {"optimizer": ["momentum"]}},
        "learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
        "depth": {"low": 1, "high": 3},
        "width_2": {"low": 8, "high": 64, "log": True, "when": {"depth": {"at_least": 2}}},
        "width_3": {"low": 8, "high": 64, "step": 8, "when": {"depth": {"at_least": 3}}},
        "keep_prob": 0.9,
        "l2_lambda": {"low": 0.5, "high": 0.5},
    }
)
KINDS = [{}, {"multivariate": True}, {"multivariate": True, "group": True}]


def badness(values: Mapping[str, Value]) -> float:
    """Return how bad a point is: best with a rate of 0.01 at depth 3."""
    ratio = float(values["learning_rate"]) / 0.01
    return max(ratio, 1 / ratio) + abs(int(values["depth"]) - 3)


def searched(space: SearchSpace, options: Mapping[str, object], n: int, *, n_running: int = 4) -> TPE:
    """Return a TPE that has seen so many trials of its own, the last of which run."""
    tpe = TPE(space, SamplerConfig.model_validate(options), study_seed=0)
    asked: list[dict[str, Value]] = []
    for number in range(n):
        asked.append(tpe.ask(number))
        tpe.show_running(asked[-1])
        if (ended := number - n_running) >= 0:
            value = badness(asked[ended])
            tpe.show_ended(TrialResult(ended, TrialState.COMPLETE, value, [value], {}))
    return tpe


def suggested_by_optuna(
    shown: Sequence[tuple[Mapping[str, Value], float | None]], *, multivariate: bool, n: int
) -> list[Mapping[str, Value]]:
    """Return what Optuna's own TPE suggests with so many seeds, of trials that ended, or run."""
    distributions = {
        name: distribution(dimension)  # type: ignore[arg-type]
        for name, dimension in SPACE.dimensions.items()
    }
    suggested: list[Mapping[str, Value]] = []
    for seed in range(n):
        study = optuna.create_study(sampler=TPESampler(seed=seed, multivariate=multivariate))
        study.add_trials(
            [
                create_trial(
                    state=TrialState.RUNNING if value is None else TrialState.COMPLETE,
                    value=value,
                    params=dict(values),
                    distributions=distributions,
                )
                for values, value in shown
            ]
        )
        suggested.append(study.ask(distributions).params)
    return suggested


@pytest.mark.parametrize("multivariate", [False, True])
def test_it_suggests_each_value_as_often_as_optuna(*, multivariate: bool) -> None:
    """With 300 seeds each, after 28 trials of which 4 run.

    Beyond 25 bad trials weights differ, and which one of equal values gets the wide kernel matters: Optuna
    leaves it to a sort that is not stable.
    """
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    tpe = TPE(SPACE, SamplerConfig(multivariate=multivariate), study_seed=0)
    shown: list[tuple[Mapping[str, Value], float | None]] = []
    for number in range(28):
        values = tpe.drawn_evenly(number)
        tpe.show_running(values)
        shown.append((values, badness(values) if number < 24 else None))
        if number < 24:
            tpe.show_ended(TrialResult(number, TrialState.COMPLETE, badness(values), [], {}))
    ours = [tpe.ask(number) for number in range(28, 328)]
    theirs = suggested_by_optuna(shown, multivariate=multivariate, n=300)
    for name, dimension in SPACE.dimensions.items():
        if isinstance(dimension, FloatDimension | IntegerDimension):
            edges = np.quantile([float(p[name]) for p in (*ours, *theirs)], [0.25, 0.5, 0.75])
            counted = [
                Counter(np.searchsorted(np.unique(edges), [float(p[name]) for p in points]).tolist())
                for points in (ours, theirs)
            ]
        else:
            counted = [Counter(point[name] for point in points) for points in (ours, theirs)]
        seen = sorted(set(counted[0]) | set(counted[1]), key=str)
        table = [[counts[value] for value in seen] for counts in counted]
        assert len(seen) == 1 or chi2_contingency(table).pvalue > 0.001, (name, table)


@pytest.mark.parametrize("options", KINDS)
def test_points_are_of_the_space(options: dict[str, bool]) -> None:
    tpe = searched(CONDITIONAL, options, 60)
    for number in range(60, 100):
        values = tpe.ask(number)
        CONDITIONAL.point(values)
        assert values["l2_lambda"] == 0.5
        assert list(values) == [name for name in CONDITIONAL.searched_names if name in values]


@pytest.mark.parametrize("options", KINDS)
def test_asking_changes_nothing(options: dict[str, bool]) -> None:
    tpe, other = (searched(CONDITIONAL, options, 40) for _ in range(2))
    for number in range(100):
        tpe.ask(number)
    assert [tpe.ask(number) for number in range(5)] == [other.ask(number) for number in range(5)]


@pytest.mark.parametrize("group", [True, False])
def test_groups_are_drawn_jointly_under_a_condition_too(*, group: bool) -> None:
    """Two dimensions of one condition, good where both are low or both high: jointly, they stay together."""
    when = {"when": {"optimizer": ["momentum"]}}
    space = NetworkSpace.model_validate(
        {
            "optimizer": {"choices": ["momentum", "adam"]},
            "momentum": {"low": 0.5, "high": 0.99, **when},
            "learning_rate": {"low": 0.1, "high": 1.0, **when},
        }
    )
    tpe = TPE(space, SamplerConfig(multivariate=True, group=group), study_seed=0)
    rng = np.random.default_rng(0)
    for number in range(300):
        low, rate = rng.random(2)
        values: dict[str, Value] = {
            "optimizer": "momentum",
            "momentum": 0.5 + 0.49 * low,
            "learning_rate": 0.1 + 0.9 * rate,
        }
        tpe.show_running(values)
        value = abs(low - rate) + 10 * min(low, rate, 1 - low, 1 - rate)
        tpe.show_ended(TrialResult(number, TrialState.COMPLETE, value, [], {}))
    asked = [values for number in range(300, 500) if (values := tpe.ask(number))["optimizer"] == "momentum"]
    apart = [(float(v["momentum"]) > 0.745) != (float(v["learning_rate"]) > 0.55) for v in asked]
    assert (np.mean(apart) < 0.25) == group


def test_trials_rank_by_their_value_then_by_how_far_they_came() -> None:
    ranks = TrialRanks()
    for result in (
        TrialResult(0, TrialState.FAIL, None, [0.0], {}),
        TrialResult(1, TrialState.PRUNED, 0.1, [0.5, 0.1], {}),
        TrialResult(2, TrialState.PRUNED, 0.3, [0.5, 0.4, 0.3], {}),
        TrialResult(3, TrialState.PRUNED, 0.2, [0.5, 0.4, 0.2], {}),
        TrialResult(4, TrialState.PRUNED, nan, [0.5, 0.4, nan], {}),
        TrialResult(5, TrialState.PRUNED, None, [], {}),
        TrialResult(6, TrialState.COMPLETE, inf, [], {}),
        TrialResult(7, TrialState.COMPLETE, 0.9, [], {}),
    ):
        ranks.add(result)
    assert len(ranks) == 8
    assert ranks.best(8) == [7, 6, 3, 2, 4, 1, 0, 5]
    assert ranks.best(3) == [7, 6, 3]


@pytest.mark.parametrize("n", [0, 1, 25, 26, 100, MOST_KERNELS, MOST_KERNELS + 1, 5_000])
def test_of_many_trials_some_stand_for_all(n: int) -> None:
    """The latest are among them with a weight of 1; the others weigh as much as all earlier ones."""
    kept, weights = kept_trials(n)
    assert len(kept) == len(weights) == min(n, MOST_KERNELS)
    assert (np.diff(kept) > 0).all()
    n_latest = min(n, N_LATEST)
    assert kept[len(kept) - n_latest :].tolist() == list(range(n - n_latest, n))
    assert weights[len(kept) - n_latest :].tolist() == [1.0] * n_latest
    ramp = np.linspace(1 / max(n, 1), 1, n - n_latest)
    assert weights[: len(kept) - n_latest].sum() == pytest.approx(ramp.sum(), rel=0.01)


def test_of_gains_that_differ_in_their_last_bits_the_first_is_taken() -> None:
    gains = np.array([[0.2, 0.3, 0.1 + 0.2], [0.2, 0.3, 0.3001], [0.1 + 0.2, 0.3, 0.2]])
    assert first_best(gains).tolist() == [1, 2, 0]


OTHER_PROCESSORS = {
    "NPY_DISABLE_CPU_FEATURES": ",".join(np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])),
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX,-FMA,-FMA4",
}
"""Let NumPy and the C library take the functions that they have for the oldest processors."""


def points_of_searches() -> list[object]:
    """Return the points of three searches, each of some dozens of trials."""
    return [
        [searched(space, options, 60).ask(number) for number in range(60, 80)]
        for space, options in ((SPACE, {}), (CONDITIONAL, {}), (CONDITIONAL, KINDS[2]))
    ]


def test_it_suggests_the_same_on_older_processors() -> None:
    program = f"import json; from {__name__} import *; print(json.dumps(points_of_searches()))"
    there = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | OTHER_PROCESSORS,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(there.stdout) == points_of_searches()


def shaken(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that is off by up to two last bits: the same for the same argument."""

    def shake(argument: Any) -> Any:  # noqa: ANN401 (a number or an array, as the function has it)
        bits = np.asarray(argument, dtype=np.float64).view(np.uint64)
        off = bits * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)
        return function(argument) * (1 + (off % np.uint64(5) - 2.0) * np.finfo(np.float64).eps)

    return shake


def test_last_bits_of_functions_change_no_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    points = points_of_searches()
    for module in (np, unit_scales):
        for name in ("exp", "log"):
            monkeypatch.setattr(module, name, shaken(getattr(module, name)))
    for name in ("ndtr", "ndtri"):
        monkeypatch.setattr(parzen_estimator, name, shaken(getattr(parzen_estimator, name)))
    assert points_of_searches() == points
