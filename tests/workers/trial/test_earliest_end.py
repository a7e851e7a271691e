"""What is certain of a trial's length before it has run: by patience, thresholds and the most epochs."""

import pytest

from search_spaces.network.point import NetworkPoint
from tests.service.study.search.studies import small_config, two_moons
from workers.messages import Ending, Threshold, TrainingRules, TrialEnded, TrialRequest
from workers.metrics.metric import Metric
from workers.trial.earliest_end import earliest_end
from workers.trial.trial_runner import run_trial


def request(*epochs: int, patience: int = 4, max_epochs: int = 9) -> TrialRequest:
    rules = TrainingRules(max_epochs, patience, metric=Metric.ERROR, watch=Metric.ERROR)
    thresholds = tuple(Threshold(epoch, -1.0) for epoch in epochs)
    return TrialRequest(0, NetworkPoint(), seed=1, rules=rules, thresholds=thresholds)


@pytest.mark.parametrize(
    ("asked", "epochs", "earliest"),
    [
        (request(), 0, 5),  # patience, after the first epoch
        (request(), 5, 6),
        (request(), 8, 9),
        (request(1, 3), 0, 1),
        (request(1, 3), 1, 3),
        (request(1, 3), 3, 5),
        (request(max_epochs=3), 0, 3),
        (request(patience=20), 4, 9),
        (request(max_epochs=3), 7, 8),  # in a later fold
    ],
)
def test_it_is_the_first_rule_that_may_end_the_trial(asked: TrialRequest, epochs: int, earliest: int) -> None:
    assert earliest_end(asked, epochs) == earliest


@pytest.mark.parametrize("rung", [1, 2, 3, None])
def test_no_trial_ends_sooner_but_those_that_fail(rung: int | None) -> None:
    config = small_config()
    for seed in range(6):
        point = config.space.default_values() | {"learning_rate": 10.0 ** (4 * seed - 3)}
        thresholds = () if rung is None else (Threshold(rung, -1.0),)
        asked = TrialRequest(
            0, config.space.point(point), seed=seed, rules=config.training_rules, thresholds=thresholds
        )
        *_, end = run_trial(two_moons(), asked, worker="w")
        assert isinstance(end, TrialEnded)
        assert end.ending is Ending.FAILED or end.epochs >= earliest_end(asked, 0)
        assert end.ending is Ending.FAILED or earliest_end(asked, end.epochs - 1) == end.epochs
