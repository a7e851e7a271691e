"""Trials speak against what was tried beside the winner and did no better."""

from typing import Any

import optuna

from search_spaces.network.space import NetworkSpace
from service.advice.tried import FEWEST_BEYOND, Tried, standing_of
from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig
from tests.service.advice.made_trials import searched_trials
from workers.metrics.metric import Metric

SPACE: dict[str, Any] = {
    "width": {"low": 16, "high": 256, "log": True},
    "depth": {"low": 1, "high": 4},
    "batch_size": {"choices": [16, 32, 64]},
    "activation": {"choices": ["relu", "tanh"]},
}


def tried(best: dict[str, Any], *, n: int = 40, epoch: int = 5, max_epochs: int = 60) -> Tried:
    """Search such that the trial nearest to a point wins."""

    def badness(point: dict[str, Any], number: int) -> float:
        own = best if number == 0 else point
        return 1.0 + float(sum(abs(own[name] - best[name]) for name in best)) + number * 1e-6

    space, trials = searched_trials(
        SPACE, badness, n=n, sampler=optuna.samplers.RandomSampler(seed=0), best_epoch=lambda _: epoch
    )
    trials[0].params.update(best)
    config = StudyConfig.model_validate(
        {
            "name": "a",
            "data": DataConfig(table="iris"),
            "space": space,
            "training": {"max_epochs": max_epochs},
        }
    )
    return Tried.of(standing_of(trials, Metric.ERROR, watch=Metric.ERROR), config, trials[0])


def test_larger_networks_that_did_no_better_settle_it() -> None:
    found = tried({"width": 48, "depth": 2})
    assert found.is_settled("width", larger=True)
    assert found.n_beyond("width", larger=True) >= FEWEST_BEYOND
    n = found.n_beyond("width", larger=True)
    assert found.text("width", larger=True) == (
        f"{n} trials had a larger width than the winner's 48, and none did better"
    )
    assert found.settled(larger=True) >= {"width", "depth"}


def test_a_winner_at_the_end_settles_nothing_there() -> None:
    found = tried({"width": 240, "depth": 1})
    assert not found.is_settled("width", larger=True)
    assert found.is_settled("width", larger=False)
    assert found.is_settled("depth", larger=True)
    assert not found.is_settled("depth", larger=False)


def test_few_trials_and_what_was_not_searched_settle_nothing() -> None:
    assert not tried({"width": 48}, n=4).is_settled("width", larger=True)
    assert not tried({"width": 48}).is_settled("l2_lambda", larger=True)
    assert not tried({"width": 48}).is_settled("activation", larger=True)


def test_choices_of_numbers_are_compared_too() -> None:
    assert tried({"batch_size": 32}).is_settled("batch_size", larger=True)
    assert not tried({"batch_size": 64}).is_settled("batch_size", larger=True)


def test_a_best_epoch_well_before_the_last_was_not_cut_short() -> None:
    assert tried({"width": 48}, epoch=22).ended_early
    assert not tried({"width": 48}, epoch=55).ended_early
    assert not tried({"width": 48}, epoch=60).ended_early


def test_what_the_search_space_is_does_not_matter_to_what_was_tried() -> None:
    space = NetworkSpace.model_validate(SPACE)
    assert tried({"width": 48}).space.dimensions == space.dimensions


def test_capacity_is_open_where_larger_networks_were_not_tried() -> None:
    assert tried({"width": 48, "depth": 2}).open_capacity == ()
    assert tried({"width": 48, "depth": 4}).open_capacity == ("depth",)
    assert tried({"width": 250, "depth": 4}).open_capacity == ("width", "depth")
    assert tried({"batch_size": 32}, n=3).open_capacity == ("width", "depth")
