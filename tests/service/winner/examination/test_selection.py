"""What is kept of the best trials' dev predictions tells by how much selecting among them flatters."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optuna.trial import TrialState

from service.configuration.search_config import PrunerConfig, PrunerName
from service.study.search.coordinator import N_PREDICTIONS_KEPT
from service.study.search.winner import rank
from service.study.storage.kept_trials import searched
from service.study.storage.study_store import StudyStore
from service.winner.examination.selection import examine_selection
from tests.service.iris_study import new_store, search_iris
from tests.service.study.search.studies import begin, folded_moons, run_to_end, small_config, two_moons
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.dev_figures import dev_figure
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.trial_data import TrialData


def run(
    store: StudyStore,
    data: TrialData,
    *,
    n_workers: int = 1,
    **changes: Any,  # noqa: ANN401 (any field of the configuration)
) -> None:
    config = small_config(**changes)
    begin(store, config)
    run_to_end(store, config, data=data, pool=InProcessPool(data, n_workers=n_workers))


@pytest.mark.parametrize("n_workers", [1, 5])
def test_of_the_best_trials_and_no_others_predictions_are_kept(tmp_path: Path, n_workers: int) -> None:
    store, data, config = new_store(tmp_path), two_moons(), small_config()
    run(store, data, trials=60, pruner=PrunerConfig(kind=PrunerName.NONE), n_workers=n_workers)
    complete = [trial for trial in searched(store.trials("small")) if trial.state is TrialState.COMPLETE]
    ranked = sorted(complete, key=lambda trial: rank(trial, Metric.ERROR))
    kept = store.dev_predictions("small")

    assert len(complete) > N_PREDICTIONS_KEPT
    assert set(kept) == {trial.number for trial in ranked[:N_PREDICTIONS_KEPT]}
    (fold,) = data.folds(config.space.point(ranked[0].params))
    for trial in ranked[:N_PREDICTIONS_KEPT]:
        assert dev_figure(Metric.ERROR, kept[trial.number], fold, rule=MOST_PROBABLE) == trial.value
    store.close()


def test_over_folds_they_are_those_of_all_dev_sets(tmp_path: Path) -> None:
    store, data = new_store(tmp_path), folded_moons()
    run(store, data, trials=12)
    kept = store.dev_predictions("small")

    folds = data.first_folds
    assert {len(of_trial) for of_trial in kept.values()} == {sum(len(fold.y_dev) for fold in folds)}
    estimate = examine_selection(kept, folds, units=None, metric=Metric.ERROR, seed=0)
    assert estimate is not None
    assert estimate.n_trials == len(kept)
    store.close()


def test_in_regression_it_is_in_the_targets_unit(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), table="diabetes", name="diabetes", trials=6)
    study.conclude(keep_sealed=True)
    report = study.report

    assert report.selection_bootstrap is not None
    assert report.winner is not None
    # The best figure less what flatters in it is in the unit of the figure itself, about 60.
    assert report.selection_bootstrap.without - report.selection_bootstrap.size == pytest.approx(
        min(trial.value for trial in study.stored.trials if trial.value is not None), rel=1e-5
    )
    study.store.close()


def test_of_one_trial_nothing_is_told() -> None:
    (fold,) = two_moons().first_folds
    predictions = {0: np.full((len(fold.y_dev), 2), 0.5, np.float32)}

    assert examine_selection(predictions, [fold], units=None, metric=Metric.ERROR, seed=0) is None


def test_a_study_that_keeps_none_tells_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    begin(store, small_config())

    assert store.dev_predictions("small") == {}
    store.close()
