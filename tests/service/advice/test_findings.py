"""What a search shows beyond chance is reported, and seldom anything by chance.

The best trials at the end of a range are told where trials get better towards it. Training cut short, deep
networks that break off, and a search that stalled are each told, none invented.
"""

from collections.abc import Callable
from math import log10
from typing import Any

import numpy as np
import pytest
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from search_spaces.network.space import NetworkSpace
from search_spaces.own.space import OwnSpace
from search_spaces.space import SearchSpace
from service.advice.findings import (
    FEWEST_FOR_A_SLOPE,
    Finding,
    FindingKind,
    breaking_off_findings,
    edge_findings,
    gain_of_second_half,
    last_epoch_findings,
    slow_learning_findings,
    stalled_findings,
)
from service.advice.tried import standing_of
from tests.service.advice.made_trials import searched_trials
from workers.metrics.metric import Metric

SPACE = {
    "learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
    "depth": {"low": 1, "high": 6},
    "width": {"low": 16, "high": 256, "log": True},
    "beta_1": {"low": 0.5, "high": 0.95},
    "l2_lambda": {"low": 1e-2, "high": 1e2, "log": True},
    "keep_prob": {"low": 0.5, "high": 1.0},
}
SEEDS = range(12)

Badness = Callable[[dict[str, Any]], float]


def found(
    badness: Badness,
    *,
    seed: int,
    n: int = 30,
    random: bool = False,
    **changes: Any,  # noqa: ANN401
) -> list[Finding]:
    rng = np.random.default_rng(seed)
    sampler: BaseSampler = RandomSampler(seed=seed) if random else TPESampler(seed=seed, constant_liar=True)
    space, trials = searched_trials(
        {**SPACE, **changes},
        lambda values, _: badness(values) + float(rng.normal(0, 0.02)),
        n=n,
        sampler=sampler,
    )
    return edge_findings(standing_of(trials, Metric.ERROR, watch=Metric.ERROR), space)


def best_rate(decade: float) -> Badness:
    return lambda values: 0.1 * (log10(values["learning_rate"]) - decade) ** 2


@pytest.mark.parametrize("decade", [0.5, -5.5])
@pytest.mark.parametrize("random", [False, True])
def test_a_rate_that_lies_beyond_the_range_is_found(decade: float, random: bool) -> None:  # noqa: FBT001
    hits = 0
    for seed in SEEDS:
        of_rate = [
            finding
            for finding in found(best_rate(decade), seed=seed, random=random)
            if finding.hyperparameter == "learning_rate"
        ]
        hits += bool(of_rate)
        for finding in of_rate:
            assert finding.kind is FindingKind.EDGE_OF_RANGE
            assert f"at the {'upper' if decade > 0 else 'lower'} end of learning_rate" in finding.text
    assert hits >= (8 if random else 11)


@pytest.mark.parametrize("decade", [-2.5, -9.0])
def test_a_sound_search_is_seldom_accused(decade: float) -> None:
    """A rate within the range; and, as nothing is better than anything, no rate at all."""
    badness = best_rate(decade) if decade > -4 else lambda _: 0.0
    accused = [seed for seed in SEEDS if found(badness, seed=seed)]
    assert len(accused) <= 2


@pytest.mark.parametrize(
    ("name", "towards", "kind"),
    [
        ("l2_lambda", -1, FindingKind.NO_REGULARIZATION),
        ("l2_lambda", 1, FindingKind.STRONGEST_REGULARIZATION),
        ("keep_prob", 1, FindingKind.DROPOUT_NEVER_HELPED),
        ("keep_prob", -1, FindingKind.STRONGEST_REGULARIZATION),
        ("width", 1, FindingKind.EDGE_OF_RANGE),
    ],
)
def test_an_end_means_what_lies_there(name: str, towards: int, kind: FindingKind) -> None:
    def badness(values: dict[str, Any]) -> float:
        value = values[name]
        return -towards * (value if name == "keep_prob" else log10(value) / 4)

    kinds = {finding.kind for finding in found(badness, seed=1) if finding.hyperparameter == name}
    assert kinds == {kind}


def test_the_end_of_what_is_allowed_is_none_to_search_beyond() -> None:
    deep = found(lambda values: -values["depth"] / 6, seed=2, depth={"low": 1, "high": 8})
    assert not [finding for finding in deep if finding.hyperparameter == "depth"]
    shallow = found(lambda values: -values["depth"] / 6, seed=2)
    assert [finding.kind for finding in shallow if finding.hyperparameter == "depth"]


def test_few_trials_tell_nothing() -> None:
    assert found(best_rate(0.5), seed=0, n=FEWEST_FOR_A_SLOPE - 1) == []


DEPTHS = {
    "learning_rate_schedule": {"choices": ["constant", "cosine"]},
    "depth": {"low": 1, "high": 6},
    "init_scheme": {"choices": ["he", "normal"]},
}


def search(badness: Any, best_epoch: Any = lambda _: 5, n: int = 40) -> tuple[SearchSpace, Any]:  # noqa: ANN401
    sampler = RandomSampler(seed=3)
    space, trials = searched_trials(DEPTHS, badness, n=n, sampler=sampler, best_epoch=best_epoch)
    return space, standing_of(trials, Metric.ERROR, watch=Metric.ERROR)


def by_number(_: object, number: int) -> float:
    return 0.5 - number / 100


def test_training_that_was_cut_short_is_told_of_constant_rates_alone() -> None:
    space, standing = search(by_number, lambda _: 20)
    (finding,) = last_epoch_findings(standing, space, max_epochs=20)
    assert finding.kind is FindingKind.LAST_EPOCH
    assert "5 of the 5 best trials" in finding.text
    assert last_epoch_findings(standing, space, max_epochs=60) == []

    def by_design(values: dict[str, Any]) -> int:
        return 20 if values["learning_rate_schedule"] == "cosine" else 5

    def best_by_design(values: dict[str, Any], number: int) -> float:
        return number / 100 + float(values["learning_rate_schedule"] == "constant")

    space, standing = search(best_by_design, by_design)
    assert last_epoch_findings(standing, space, max_epochs=20) == []


@pytest.mark.parametrize(("sign", "is_slow"), [(-1, True), (1, False), (0, False)])
def test_learning_is_slow_where_the_higher_rates_did_better(sign: int, is_slow: bool) -> None:  # noqa: FBT001
    rates = {"learning_rate": {"low": 1e-7, "high": 1e-5, "log": True}}
    space, trials = searched_trials(
        rates,
        lambda values, number: sign * log10(values["learning_rate"]) + (number % 2 if sign == 0 else 0),
        n=12,
        sampler=RandomSampler(seed=3),
    )
    standing = standing_of(trials, Metric.ERROR, watch=Metric.ERROR)
    found = slow_learning_findings(standing, space)
    assert [finding.kind for finding in found] == ([FindingKind.SLOW_LEARNING] if is_slow else [])
    assert slow_learning_findings(standing[:5], space) == []
    fixed = NetworkSpace.model_validate({"learning_rate": 0.1})
    assert slow_learning_findings(standing, fixed) == []


def test_deep_networks_that_break_off_are_told_with_their_init() -> None:
    def deep_dies(values: dict[str, Any], number: int) -> float | None:
        return None if values["depth"] > 3 and values["init_scheme"] == "normal" else number / 100

    space, standing = search(deep_dies)
    (finding,) = breaking_off_findings(standing, space)
    assert finding.kind is FindingKind.DEEP_NETWORKS_BREAK_OFF
    assert f"({int(finding.evidence['deep networks that broke off'])} with init normal)" in finding.text
    assert finding.evidence["other networks that broke off"] == 0


def test_failures_that_depth_does_not_explain_are_not_laid_to_it() -> None:
    space, standing = search(lambda _, number: None if number % 3 == 0 else 0.1)
    assert breaking_off_findings(standing, space) == []
    assert breaking_off_findings((), space) == []


@pytest.mark.parametrize(
    ("late", "cost"),
    [(0.0, "more than 4,000 more trials"), (0.004, "at least 187 more trials"), (0.1, None)],
)
def test_a_search_stalls_where_its_second_half_gains_less_than_noise(late: float, cost: str | None) -> None:
    _, standing = search(lambda _, number: 0.3 - (late if number == 35 else 0.0))
    late_gain = gain_of_second_half(standing, Metric.ERROR)
    assert late_gain == pytest.approx(late)
    found = stalled_findings(standing, late_gain=late_gain, noise=0.01)
    assert [finding.kind for finding in found] == ([] if cost is None else [FindingKind.STALLED])
    assert all(f"would take {cost}" in finding.text for finding in found)


def test_where_the_expected_best_is_known_the_order_of_trials_is_no_luck() -> None:
    _, standing = search(lambda _, number: 0.1 if number == 0 else 0.3)
    assert gain_of_second_half(standing, Metric.ERROR) == 0
    expected = [0.3, 0.25, 0.22, 0.2]
    assert gain_of_second_half(standing, Metric.ERROR, expected=expected) == pytest.approx(0.05)


def test_without_a_measure_of_noise_or_with_few_trials_no_search_stalls() -> None:
    _, standing = search(lambda _, __: 0.3)
    assert stalled_findings(standing, late_gain=0.0, noise=None) == []
    assert stalled_findings(standing[:10], late_gain=0.0, noise=0.01) == []


def test_a_first_half_without_a_figure_gains_without_bound() -> None:
    _, standing = search(lambda _, number: None if number < 20 else 0.1)
    assert gain_of_second_half(standing, Metric.ERROR) == float("inf")
    _, standing = search(lambda _, __: None)
    assert gain_of_second_half(standing, Metric.ERROR) == float("inf")


def test_an_argument_of_ones_own_model_that_is_called_depth_says_nothing_of_networks() -> None:
    space, standing = search(lambda values, number: None if values["depth"] > 3 else number / 100)
    assert breaking_off_findings(standing, space) != []
    own = OwnSpace.model_validate({"depth": {"low": 1, "high": 5}})
    assert breaking_off_findings(standing, own) == []
