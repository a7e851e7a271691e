"""What is kept of the best trials' dev predictions tells by how much selecting among them flatters."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from optuna.trial import TrialState

from search_spaces.input_choices import TargetScale
from search_spaces.network.space import NetworkSpace
from service.configuration.search_config import PrunerConfig, PrunerName
from service.data.preparation.preparation import fit_target_scaling, scaled_targets
from service.study.search.coordinator import N_PREDICTIONS_KEPT
from service.study.search.winner import rank
from service.study.storage.kept_trials import searched
from service.study.storage.study_store import StudyStore
from service.winner.examination.selection import TrialPredictions, examine_selection, in_one_unit
from tests.service.iris_study import new_store, search_iris
from tests.service.study.search.studies import begin, folded_moons, run_to_end, small_config, two_moons
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.dev_figures import dev_figure
from workers.metrics.metric import Metric
from workers.pools.in_process_pool import InProcessPool
from workers.train_dev_data import Task, TrainDevData
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
    predictions = [TrialPredictions(of_trial, folds) for of_trial in kept.values()]
    estimate = examine_selection(predictions, units=None, metric=Metric.ERROR, seed=0)
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


def test_predictions_on_other_scales_are_put_in_one_unit() -> None:
    rng = np.random.default_rng(0)
    y = rng.lognormal(5, 1, (2, 40))
    folds = {is_log: [_fold(of_fold, is_log=is_log) for of_fold in y] for is_log in (False, True)}
    guesses = y * rng.lognormal(0, 0.2, y.shape)
    trials = [
        TrialPredictions(
            np.concatenate([_scaled(*pair, is_log=is_log) for pair in zip(guesses, y, strict=True)]),
            folds[is_log],
        )
        for is_log in (True, False)
    ]
    for order in (trials, trials[::-1]):
        predictions, true = in_one_unit(order)
        for of_trial in predictions:
            np.testing.assert_allclose(
                (of_trial - true)[:, 0], np.concatenate(guesses - y), rtol=1e-3, atol=1e-3
            )


def test_a_search_of_both_scales_is_judged_in_one_unit(tmp_path: Path) -> None:
    """Each trial's figure is that of its predictions beside those of the other scale."""
    space = NetworkSpace.model_validate({"target_scale": {"choices": ["standard", "log"]}, "width": 8})
    study = search_iris(new_store(tmp_path), table="diabetes", name="diabetes", trials=6, space=space)
    trials = {trial.number: trial for trial in study.stored.trials if trial.value is not None}
    kept = study.store.dev_predictions("diabetes")
    assert {trials[number].params["target_scale"] for number in kept} == {"standard", "log"}
    predictions = [
        TrialPredictions(
            of_trial, study.prepared.first_folds_on(TargetScale(trials[number].params["target_scale"]))
        )
        for number, of_trial in kept.items()
    ]
    stacked, y = in_one_unit(predictions)
    for number, of_trial in zip(kept, stacked, strict=True):
        rmse = np.sqrt(np.mean((of_trial - y) ** 2))
        assert rmse == pytest.approx(trials[number].value, rel=1e-4)
    study.conclude()
    report = study.report
    assert report.winner is not None
    assert report.winner.is_reproduced
    assert report.winner.figures is not None
    assert report.winner.figures["dev"]["rmse"] == pytest.approx(report.winner.dev_metric, rel=1e-4)
    assert report.selection_bootstrap is not None
    assert report.selection_bootstrap.without - report.selection_bootstrap.size == pytest.approx(
        min(trial.value for trial in trials.values() if trial.value is not None), rel=1e-4
    )
    study.store.close()


def _scaled(values: NDArray[np.float64], y: NDArray[np.float64], *, is_log: bool) -> NDArray[np.float32]:
    return scaled_targets(values, fit_target_scaling(y, is_log=is_log)).astype(np.float32)


def _fold(y: NDArray[np.float64], *, is_log: bool) -> TrainDevData:
    """Make a train set that is its dev set, too."""
    scaling, nothing = fit_target_scaling(y, is_log=is_log), np.zeros((len(y), 1), np.float32)
    scaled = _scaled(y, y, is_log=is_log)
    return TrainDevData(
        task=Task.REGRESSION,
        X_train=nothing,
        y_train=scaled,
        X_dev=nothing,
        y_dev=scaled,
        n_outputs=1,
        target_deviation=scaling.deviation,
        log_target_mean=scaling.mean if is_log else None,
    )


def test_of_one_trial_nothing_is_told() -> None:
    (fold,) = two_moons().first_folds
    predictions = TrialPredictions(np.full((len(fold.y_dev), 2), 0.5, np.float32), [fold])

    assert examine_selection([predictions], units=None, metric=Metric.ERROR, seed=0) is None


def test_a_study_that_keeps_none_tells_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    begin(store, small_config())

    assert store.dev_predictions("small") == {}
    store.close()
