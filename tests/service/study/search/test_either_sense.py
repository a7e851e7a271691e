"""A study whose metric is better the higher it is: searched, pruned, ranked and reported the right way up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from search_spaces.network.space import NetworkSpace
from service.configuration.study_config import TrainingConfig
from service.study.storage.study_store import StudyStore
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.study.search.studies import content
from tests.service.wired_data import wired
from workers.metrics.metric import Metric

MAX_EPOCHS, REDUCTION_FACTOR = 9, 3

SPACE = NetworkSpace.model_validate(
    {
        "learning_rate": {"low": 1e-6, "high": 1e-1, "log": True, "default": 1e-3},
        "width": {"low": 2, "high": 16, "log": True},
        "depth": 1,
        "batch_size": 32,
    }
)

SENSES = [
    (Metric.MACRO_F1, Metric.MACRO_F1),
    (Metric.ROC_AUC, Metric.LOG_LOSS),
    (Metric.ERROR, Metric.ROC_AUC),
]


def search(store: StudyStore, metric: Metric, watch: Metric, *, n_workers: int = 1) -> IrisStudy:
    """Search breast_cancer, a table of two classes."""
    return search_iris(
        store,
        table="breast_cancer",
        name="cells",
        trials=24,
        n_workers=n_workers,
        metric=metric,
        watch=watch,
        concurrency=4,
        space=SPACE,
        training=TrainingConfig(max_epochs=MAX_EPOCHS, patience=MAX_EPOCHS),
    )


@pytest.fixture(scope="module", params=SENSES, ids=lambda sense: f"{sense[0]} watching {sense[1]}")
def study(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    study = search(new_store(tmp_path_factory.mktemp("cells")), *request.param)
    yield study
    study.store.close()


def best(metric: Metric) -> Callable[..., float]:
    return max if metric.higher_is_better else min


def test_optunas_own_tools_rank_it_in_the_metrics_sense(study: IrisStudy) -> None:
    metric = study.stored.metric
    plain = optuna.load_study(study_name="cells", storage=study.store.optuna_storage)

    expected = StudyDirection.MAXIMIZE if metric.higher_is_better else StudyDirection.MINIMIZE
    assert plain.direction is expected
    values = [trial.value for trial in plain.get_trials(states=[TrialState.COMPLETE])]
    assert plain.best_value == best(metric)(value for value in values if value is not None)
    study.conclude(keep_sealed=True)
    assert study.report.winner is not None
    assert study.report.winner.dev_metric == plain.best_value
    assert study.report.winner.is_reproduced


def test_what_is_stored_is_in_each_metrics_own_sense_and_the_watched_one_tells_the_best_epoch(
    study: IrisStudy,
) -> None:
    watch = study.stored.watch
    for trial in study.store.trials(study.name):
        curve = trial.user_attrs["learning_curve"]
        assert curve["dev_watched"] == [value for _, value in sorted(trial.intermediate_values.items())]
        assert all(0 <= value <= 1 for value in curve["dev_metric"])
        place = trial.user_attrs["best_epoch"] - 1
        assert curve["dev_watched"][place] == best(watch)(curve["dev_watched"])
        assert trial.user_attrs["dev_metrics"][watch] == curve["dev_watched"][place]
        assert trial.user_attrs["dev_metrics"][study.stored.metric] == curve["dev_metric"][place]
        if trial.state is TrialState.COMPLETE:
            assert trial.value == curve["dev_metric"][place]


def worst_that_is_kept(ended: list[FrozenTrial], rung: int, watch: Metric) -> float | None:
    """Return the watched value that a newcomer must reach at a rung; None while there are too few trials."""
    reached = [
        best(watch)([trial.intermediate_values[epoch] for epoch in sorted(trial.intermediate_values)][:rung])
        for trial in ended
        if trial.state is TrialState.COMPLETE or len(trial.intermediate_values) >= rung
    ]
    if len(reached) < REDUCTION_FACTOR:
        return None
    return sorted(reached, reverse=watch.higher_is_better)[(len(reached) + 1) // REDUCTION_FACTOR - 1]


def test_it_prunes_those_that_are_worse_than_was_asked_and_no_others(study: IrisStudy) -> None:
    trials, watch = study.stored.trials, study.stored.watch
    n_pruned = 0
    for trial in trials:
        began = trial.user_attrs["virtual_start"]
        ended = [other for other in trials[: trial.number] if other.user_attrs["virtual_end"] <= began]
        values = [value for _, value in sorted(trial.intermediate_values.items())]
        for rung in (1, 3):
            asked = worst_that_is_kept(ended, rung, watch)
            if asked is None or len(values) < rung:
                continue
            reached = best(watch)(values[:rung])
            is_worse = reached < asked if watch.higher_is_better else reached > asked
            assert is_worse == (trial.state is TrialState.PRUNED and len(values) == rung)
            n_pruned += is_worse
    assert n_pruned == sum(trial.state is TrialState.PRUNED for trial in trials) > 3


def test_it_is_the_same_study_on_one_worker_and_on_several(study: IrisStudy, tmp_path: Path) -> None:
    on_three = search(new_store(tmp_path), study.stored.metric, study.stored.watch, n_workers=3)
    assert content(on_three.store, "cells") == content(study.store, "cells")
    on_three.store.close()


def test_the_sampler_finds_better_points_than_it_began_with(study: IrisStudy) -> None:
    """TPE fed upside down would gather at the low learning rates, where nothing is learned."""
    rates = [trial.params["learning_rate"] for trial in study.stored.trials]
    assert sum(rate > 1e-3 for rate in rates[12:]) >= 6


def test_its_test_set_stays_sealed_until_the_opening(study: IrisStudy) -> None:
    replace(study, prepared=wired(study.prepared)).conclude(keep_sealed=True)
    assert not study.looks

    study.conclude()
    test = study.report.test
    assert test is not None
    low, high = test.interval
    assert low <= test.models["winner"][study.stored.metric] <= high
    assert len(study.looks) == 1
