"""The end of a study with folds: the winner refitted on all that is known, its dev figure the folds' mean."""

from collections.abc import Iterator
from dataclasses import replace
from math import hypot
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import sem
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sqlalchemy import text
from threadpoolctl import threadpool_limits

from search_spaces.input_choices import InputChoices
from service.configuration.data_config import SplitConfig
from service.errors import ProctorError
from service.seal.sealed_test_set import SealedTestSet
from service.study.search.seeds import trial_seed
from service.study.search.winner import winner_of
from service.winner.examination.conclusion import measure_winner
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.workers.trained_states import stacked_parameters
from workers.trial.training import Training
from workers.trial_data import TrialData

N_FOLDS = 3


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    study = search_iris(
        new_store(tmp_path_factory.mktemp("study")),
        no_baselines=False,
        trials=3,
        split=SplitConfig(folds=N_FOLDS),
    )
    study.conclude()
    yield study
    study.store.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), no_baselines=False, trials=2, split=SplitConfig(folds=2))
    yield study
    study.store.close()


def test_the_winner_is_a_training_on_all_that_is_known_for_the_folds_median_best_epoch(
    study: IrisStudy,
) -> None:
    winner = winner_of(study.stored.trials, study.stored.metric)
    point = study.stored.config.space.point(winner.params)
    assert study.prepared.refit_data is not None
    (together,) = study.prepared.refit_data.folds(point)
    n_known = study.prepared.n_examples["train"]
    assert len(together.X_train) == n_known == 120
    by_hand = Training(
        together,
        point,
        seed=trial_seed(study.stored.config.seed, winner.number),
        rules=study.stored.config.training_rules,
    )
    median = sorted(winner.user_attrs["best_epochs"])[(N_FOLDS - 1) // 2]
    with threadpool_limits(1, "blas"):
        for _ in range(median):
            by_hand.run_unjudged_epoch()

    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)

    np.testing.assert_array_equal(candidate.members[0].state["parameters"], by_hand.best_state["parameters"])
    assert candidate.is_reproduced


def test_the_reports_dev_figure_is_the_folds_mean_and_its_gap_is_told_against_the_refit(
    study: IrisStudy,
) -> None:
    report = study.report
    winner, gaps = report.winner, report.gaps
    assert winner is not None
    assert winner.folds is not None
    assert winner.figures is not None
    assert gaps is not None
    assert len(winner.folds.metrics) == len(winner.folds.best_epochs) == N_FOLDS
    mean = float(np.mean(winner.folds.metrics))
    assert winner.dev_metric == winner.figures["dev"]["error"] == pytest.approx(mean)
    assert winner.folds.standard_error == pytest.approx(float(sem(winner.folds.metrics)))
    train = winner.figures["train"]["error"]
    assert gaps.variance == pytest.approx(mean - train)
    assert study.stored.winner is not None
    of_train = study.stored.winner["standard_errors"]["train"]
    assert gaps.variance_standard_error == pytest.approx(hypot(of_train, winner.folds.standard_error))


def test_the_reports_baselines_are_those_of_the_folds(study: IrisStudy) -> None:
    folds = study.prepared.trial_data.first_folds
    assert study.report.winner is not None
    strength = study.report.winner.baseline_strengths["logistic regression"]
    errors = [
        1
        - LogisticRegression(C=strength, max_iter=500)
        .fit(fold.X_train, fold.y_train)
        .score(fold.X_dev, fold.y_dev)
        for fold in folds
    ]
    commonest = [np.mean(fold.y_dev != np.argmax(np.bincount(fold.y_train.astype(int)))) for fold in folds]
    by_model = study.report.winner.baselines
    assert by_model["logistic regression"]["dev"]["error"] == pytest.approx(np.mean(errors))
    assert by_model["majority class"]["dev"]["error"] == pytest.approx(np.mean(commonest))


def test_regressing_baselines_are_fitted_in_each_fold_and_averaged(tmp_path: Path) -> None:
    study = search_iris(
        new_store(tmp_path),
        no_baselines=False,
        table="diabetes",
        name="diabetes",
        trials=1,
        split=SplitConfig(folds=3),
    )
    folds = study.prepared.trial_data.first_folds
    winner = winner_of(study.stored.trials, study.stored.metric)

    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    found = candidate.dev_figures()

    alpha = candidate.baselines[1].strength
    for name, model in (("ridge regression", Ridge(alpha=alpha)), ("mean", DummyRegressor())):
        r2s, rmses = [], []
        for fold in folds:
            predicted = model.fit(fold.X_train, fold.y_train[:, 0]).predict(fold.X_dev)
            r2s.append(r2_score(fold.y_dev[:, 0], predicted))
            rmses.append(np.sqrt(np.mean((predicted - fold.y_dev[:, 0]) ** 2)) * fold.target_deviation)
        assert found[name]["r_squared"] == pytest.approx(np.mean(r2s), rel=1e-4, abs=1e-6)
        assert found[name]["rmse"] == pytest.approx(np.mean(rmses), rel=1e-4)
    assert found["winner"]["rmse"] == winner.value
    study.store.close()


def test_a_winner_that_comes_out_otherwise_in_any_fold_is_told(fresh: IrisStudy) -> None:
    calm = measure_winner(fresh.stored, fresh.prepared, store=fresh.store, pool=fresh.pool)
    winner = fresh.stored.trials[calm.trial]
    last = max(winner.intermediate_values)  # of the last fold
    with fresh.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE trial_intermediate_values SET intermediate_value = 0.5 WHERE step = :step"
                " AND trial_id = (SELECT trial_id FROM trials WHERE number = :winner)"
            ),
            {"step": last, "winner": calm.trial},
        )

    assert calm.is_reproduced
    again = measure_winner(fresh.stored, fresh.prepared, store=fresh.store, pool=fresh.pool)
    assert not again.is_reproduced
    np.testing.assert_array_equal(stacked_parameters(again.members), stacked_parameters(calm.members))


def test_a_refit_that_fails_is_told_with_its_reason(fresh: IrisStudy) -> None:
    assert fresh.prepared.refit_data is not None
    (together,) = fresh.prepared.refit_data.first_folds
    spoiled = replace(together, X_train=np.full_like(together.X_train, 1e38))
    prepared = replace(fresh.prepared, refit_data=TrialData({InputChoices(): (spoiled,)}))

    with pytest.raises(
        ProctorError, match=r"won, but could not be trained again: (diverged|dead) in epoch 1"
    ):
        measure_winner(fresh.stored, prepared, store=fresh.store, pool=fresh.pool)
    assert fresh.stored.winner is None


def test_the_test_set_is_opened_once_and_for_the_refitted_winner(study: IrisStudy) -> None:
    assert isinstance(study.prepared.split.test, SealedTestSet)
    study.conclude()
    (look,) = study.looks
    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    assert look.winner_trial == candidate.trial
    assert study.report.test is not None
    assert study.report.test.n_examples == 30
    assert set(study.report.test.models) == {
        "winner",
        "majority class",
        "logistic regression",
        "boosted trees",
    }
