"""The best trials at the end of a range are told where trials get better towards it, and seldom by chance."""

from collections.abc import Callable
from math import log10
from typing import Any

import numpy as np
import pytest
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from service.advice.diagnosis.finding import Finding, FindingKind
from service.advice.diagnosis.findings.edges import FEWEST_TRIALS, edge_findings
from service.advice.diagnosis.trial_ranking import standing_of
from tests.service.advice.diagnosis.made_trials import searched_trials
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
    assert found(best_rate(0.5), seed=0, n=FEWEST_TRIALS - 1) == []
