"""The end of a study with folds: their models averaged, or a refit; its dev figure is the folds' mean."""

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
from search_spaces.network.point import NetworkPoint
from service.configuration.data_config import SplitConfig
from service.configuration.study_config import ConfirmationConfig
from service.errors import ProctorError
from service.seal.sealed_test_set import SealedTestSet
from service.study.search.seeds import trial_seed
from service.study.search.winner import winner_of
from service.tables.table import Examples, load_table
from service.winner.examination.candidate import model_of
from service.winner.examination.conclusion import measure_winner, train_winner
from service.winner.models.model import read_model, write_model
from service.winner.models.onnx_export.onnx_model import onnx_content
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.winner.examination.dying_pool import DyingPool
from tests.service.winner.models.onnx_export.winners import onnx_outputs
from tests.workers.trained_states import stacked_parameters
from workers.network.prediction import predict
from workers.pools.in_process_pool import InProcessPool
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


@pytest.fixture(scope="module")
def refitted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IrisStudy]:
    study = search_iris(
        new_store(tmp_path_factory.mktemp("refitted")),
        trials=3,
        split=SplitConfig(folds=N_FOLDS),
        confirmation=ConfirmationConfig(finalists=0, refit=True),
    )
    study.conclude()
    yield study
    study.store.close()


def test_the_winner_is_the_average_of_its_folds_models_each_with_its_preparation(study: IrisStudy) -> None:
    winner = winner_of(study.stored.trials, study.stored.metric)
    point = NetworkPoint.of(study.stored.config.space.point(winner.params))
    seed, table = trial_seed(study.stored.config.seed, winner.number), load_table("iris")
    known = study.prepared.split.known
    cells = table.frame.select(table.feature_names).to_numpy()
    held_back = np.setdiff1d(np.arange(len(table.y)), known.rows)
    found = []
    for place, fold in enumerate(study.prepared.split.folds):
        by_hand = Training(
            study.prepared.trial_data.folds(point)[place],
            point,
            seed=int(np.random.SeedSequence((seed, place + 1)).generate_state(1)[0]),
            rules=study.stored.config.training_rules,
        )
        train = cells[known.rows[fold.train]]
        X = ((cells[held_back] - train.mean(axis=0)) / train.std(axis=0)).astype(np.float32)
        with threadpool_limits(1, "blas"):
            while not by_hand.should_stop:
                by_hand.run_epoch()
            parameters = by_hand.best_state["parameters"]
            found.append(predict(parameters, point, X, task=study.prepared.split.task, n_outputs=3))

    candidate = measure_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    read = candidate.read(Examples(table.frame[held_back], table.y[held_back], held_back))

    assert candidate.trained.n_models == len(candidate.trained.preparations) == N_FOLDS
    np.testing.assert_allclose(candidate.trained.predict(read.X), np.mean(found, axis=0), atol=1e-6)
    assert candidate.is_reproduced
    assert study.report.test is not None
    assert study.report.test.n_models == N_FOLDS
    assert study.report.test.models["winner"]["log_loss"] == pytest.approx(
        -np.log(np.mean(found, axis=0)[np.arange(len(held_back)), table.y[held_back]]).mean(), rel=1e-4
    )


def test_the_exported_average_predicts_to_the_same_bits(study: IrisStudy, tmp_path: Path) -> None:
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    write_model(model_of(study.stored, study.prepared, candidate), tmp_path / "model", replace=False)
    model, table = read_model(tmp_path / "model"), load_table("iris")
    assert len(model.description.preparations) == N_FOLDS
    frame = table.frame.select(table.feature_names)
    np.testing.assert_array_equal(
        model.trained.predict(model.trained.inputs(frame)),
        candidate.trained.predict(candidate.trained.inputs(frame)),
    )


def test_onnx_holds_each_folds_preparation(study: IrisStudy) -> None:
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    model, table = model_of(study.stored, study.prepared, candidate), load_table("iris")
    frame = table.frame.select(table.feature_names)
    outputs = onnx_outputs(onnx_content(model, {}), frame)
    expected = candidate.trained.predict(candidate.trained.inputs(frame))
    np.testing.assert_allclose(outputs["probabilities"], expected, atol=1e-5)


@pytest.mark.parametrize("n_workers", [2, 3])
def test_the_average_is_the_same_whatever_the_workers(fresh: IrisStudy, n_workers: int) -> None:
    alone = train_winner(fresh.stored, fresh.prepared, store=fresh.store, pool=fresh.pool)
    together = InProcessPool(fresh.prepared.trial_data, n_workers=n_workers)
    for pool in (together, DyingPool(fresh, deaths=2)):
        again = train_winner(fresh.stored, fresh.prepared, store=fresh.store, pool=pool)
        np.testing.assert_array_equal(stacked_parameters(again.members), stacked_parameters(alone.members))


def test_a_refit_is_a_training_on_all_that_is_known_for_the_folds_median_best_epoch(
    refitted: IrisStudy,
) -> None:
    study = refitted
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

    (member,) = candidate.members
    np.testing.assert_array_equal(member.state["parameters"], by_hand.best_state["parameters"])
    assert candidate.is_reproduced
    assert study.report.winner is not None
    assert study.report.winner.folds is not None
    assert not study.report.winner.folds.are_averaged


def test_folds_that_follow_each_other_in_time_are_not_averaged(tmp_path: Path) -> None:
    days = "".join(f"{day},{day % 7},{day % 7 + day / 50}\n" for day in range(90))
    (tmp_path / "days.csv").write_text("day,weekday,y\n" + days)
    study = search_iris(
        new_store(tmp_path),
        table=str(tmp_path / "days.csv"),
        target="y",
        name="days",
        trials=1,
        split=SplitConfig(folds=3),
        columns={"day": "time"},
    )
    study.conclude()
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    assert (candidate.trained.n_models, candidate.averages_folds) == (1, False)
    assert study.report.winner is not None
    assert study.report.winner.folds is not None
    assert not study.report.winner.folds.are_averaged
    study.store.close()


def test_the_reports_dev_figure_is_the_folds_mean_and_its_gap_is_that_of_their_own_models(
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
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    errors = []
    for place, member in enumerate(candidate.members):
        fold = study.prepared.trial_data.folds(member.hyperparameters)[place]
        alone = replace(candidate.trained, members=(member,))
        errors.append(np.mean(alone.predict([fold.X_train]).argmax(axis=1) != fold.y_train))
    assert winner.figures["train"]["error"] == pytest.approx(np.mean(errors))
    assert gaps.variance == pytest.approx(mean - np.mean(errors))
    assert study.stored.winner is not None
    of_train = study.stored.winner["standard_errors"]["train"]
    assert gaps.variance_standard_error == pytest.approx(hypot(of_train, winner.folds.standard_error))


def test_an_ensemble_over_folds_is_selected_on_what_no_model_was_trained_on(tmp_path: Path) -> None:
    study = search_iris(
        new_store(tmp_path),
        trials=4,
        split=SplitConfig(folds=N_FOLDS),
        confirmation=ConfirmationConfig(finalists=1, seeds=1, ensemble=True),
    )
    study.conclude()
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    ensemble = candidate.ensemble
    assert ensemble is not None
    assert ensemble.n_candidates == 5
    assert len(ensemble.members) > 1
    assert candidate.trained.n_models == N_FOLDS * len(ensemble.members)
    errors = []
    for place, fold in enumerate(study.prepared.split.folds):
        of_fold = replace(candidate.trained, members=candidate.members[place::N_FOLDS])
        folds = study.prepared.trial_data.folds
        X_dev = [folds(each.hyperparameters)[place].X_dev for each in of_fold.members]
        wrong = of_fold.predict(X_dev).argmax(axis=1) != study.prepared.split.known.y[fold.dev]
        errors.append(float(np.mean(wrong)))
    report = study.report
    assert report.winner is not None
    assert report.winner.figures is not None
    assert report.winner.figures["dev"]["error"] == pytest.approx(np.mean(errors))
    assert report.winner.n_models == candidate.trained.n_models
    assert study.stored.winner is not None
    assert study.stored.winner["standard_errors"]["dev"] == pytest.approx(sem(errors))
    assert report.test is not None
    assert report.test.n_models == candidate.trained.n_models
    study.store.close()


def test_an_ensemble_of_refits_has_one_model_a_training(tmp_path: Path) -> None:
    study = search_iris(
        new_store(tmp_path),
        table="diabetes",
        name="diabetes",
        trials=3,
        split=SplitConfig(folds=2),
        confirmation=ConfirmationConfig(finalists=0, ensemble=True, refit=True),
    )
    study.conclude()
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    assert candidate.ensemble is not None
    assert candidate.trained.n_models == len(candidate.ensemble.members) > 1
    assert study.report.test is not None
    assert study.report.test.n_models == candidate.trained.n_models
    assert candidate.dev_figures()["winner"]["rmse"] < 80
    study.store.close()


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


def test_a_refit_that_fails_is_told_with_its_reason(refitted: IrisStudy) -> None:
    assert refitted.prepared.refit_data is not None
    (together,) = refitted.prepared.refit_data.first_folds
    spoiled = replace(together, X_train=np.full_like(together.X_train, 1e38))
    prepared = replace(refitted.prepared, refit_data=TrialData({InputChoices(): (spoiled,)}))

    with pytest.raises(
        ProctorError, match=r"won, but could not be trained again: (diverged|dead) in epoch 1"
    ):
        measure_winner(refitted.stored, prepared, store=refitted.store, pool=refitted.pool)


def test_the_test_set_is_opened_once_and_for_the_average(study: IrisStudy) -> None:
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
