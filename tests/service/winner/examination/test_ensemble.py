"""The winner as the average of its seeds: the mean of its networks, measured on dev before it is shipped."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from optuna.trial import FrozenTrial
from sqlalchemy import text
from threadpoolctl import threadpool_limits

from search_spaces.network.point import NetworkPoint
from service.configuration.study_config import ConfirmationConfig
from service.data.preparation.prepared_data import LabelledInputs
from service.errors import ProctorError
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import confirmations
from service.study.storage.stored_study import StoredStudy
from service.tables.table import load_table
from service.winner.examination.candidate import Candidate, model_of
from service.winner.examination.conclusion import train_winner
from service.winner.examination.ensemble import is_no_worse, measure_ensemble
from service.winner.examination.figures import figures
from service.winner.models.model import read_model, write_model
from service.winner.models.trained_model import TrainedModel
from tests.service.confirmed_study import confirm
from tests.service.data.inputs.frames import mixed_frame
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.winner.examination.dying_pool import DyingPool
from tests.service.winner.models.onnx_export.winners import drawn_winner
from tests.workers.trained_states import parameters_of, stacked_parameters
from workers.messages import TrialEnded, TrialRequest
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric
from workers.network.prediction import predict
from workers.pools.in_process_pool import InProcessPool

AVERAGED = ConfirmationConfig(finalists=1, seeds=2, ensemble=True)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), no_baselines=False, trials=2, confirmation=AVERAGED)
    yield study
    study.store.close()


def members_of(study: StoredStudy) -> list[FrozenTrial]:
    """Return the winner and its confirmation runs."""
    winner = winner_of(study.trials, study.metric)
    return [winner, *confirmations(study.trials)[winner.number]]


def trained_by_hand(study: IrisStudy, trial: FrozenTrial) -> NDArray[np.float32]:
    """Train a trial alone, on the seed that is stored with it, and return its weights."""
    config = study.stored.config
    request = TrialRequest(
        number=0,
        hyperparameters=config.space.point(trial.params),
        seed=trial.user_attrs["seed"],
        rules=config.training_rules,
        keep_state=True,
    )
    pool = study.pool
    pool.submit(request)
    while True:
        for event in pool.events(0.1):
            if isinstance(event, TrialEnded):
                return parameters_of(event)


def own_predictions(candidate: Candidate, parameters: NDArray[np.float32]) -> NDArray[np.floating]:
    X, point, task = candidate.known("dev").X, candidate.hyperparameters, candidate.prepared.split.task
    with threadpool_limits(1, "blas"):  # several threads would divide a product, each with edges of its own
        return predict(parameters, NetworkPoint.of(point), X, task=task, n_outputs=3)


def test_it_predicts_the_mean_of_its_seeds_networks_to_the_last_bit(study: IrisStudy) -> None:
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    members = members_of(study.stored)
    assert len({trial.user_attrs["seed"] for trial in members}) == len(members) == 3
    first, second, third = (
        own_predictions(candidate, trained_by_hand(study, trial)).astype(np.float64) for trial in members
    )
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(
        candidate.trained.predict(candidate.known("dev").X),
        ((first + second + third) / 3).astype(np.float32),
    )
    assert candidate.is_reproduced


@pytest.mark.parametrize("n_workers", [2, 3])
def test_workers_however_many_and_dying_change_no_bit(study: IrisStudy, n_workers: int) -> None:
    alone = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    together = InProcessPool(study.prepared.trial_data, n_workers=n_workers)
    dying = DyingPool(study, deaths=2)
    for pool in (together, dying):
        again = train_winner(study.stored, study.prepared, store=study.store, pool=pool)
        np.testing.assert_array_equal(stacked_parameters(again.states), stacked_parameters(alone.states))
        assert again.ensemble == alone.ensemble
    assert dying.deaths_left == 0


def test_one_whose_workers_always_die_is_named_with_the_winner(study: IrisStudy) -> None:
    class DyingRuns(DyingPool):
        """A pool that loses all but the winner."""

        def submit(self, request: TrialRequest) -> None:
            if request.number != winner:
                super().submit(request)

    winner, run, _ = (trial.number for trial in members_of(study.stored))
    with pytest.raises(ProctorError, match=rf"trial {run} is averaged with trial {winner}, the winner, but"):
        train_winner(study.stored, study.prepared, store=study.store, pool=DyingRuns(study, deaths=9))


def test_one_network_that_comes_out_otherwise_is_told(study: IrisStudy) -> None:
    *_, last = members_of(study.stored)
    with study.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE trial_intermediate_values SET intermediate_value = 0.5 WHERE step = 1 AND trial_id ="
                " (SELECT trial_id FROM trials WHERE number = :number)"
            ),
            {"number": last.number},
        )
    assert not train_winner(study.stored, study.prepared, store=study.store, pool=study.pool).is_reproduced


def test_the_test_figures_are_those_of_the_mean_by_an_independent_hand(study: IrisStudy) -> None:
    study.conclude()
    test, split, table = study.report.test, study.prepared.split, load_table("iris")
    assert test is not None
    cells = table.frame.select(table.feature_names).to_numpy()
    train = cells[split.known.rows[split.folds[0].train]]
    held_back = sorted(set(range(len(table.y))) - set(split.known.rows.tolist()))
    X = ((cells[held_back] - train.mean(axis=0)) / train.std(axis=0)).astype(np.float32)
    members = members_of(study.stored)
    point = NetworkPoint.of(study.stored.config.space.point(members[0].params))
    probabilities = [
        predict(trained_by_hand(study, trial), point, X, task=split.task, n_outputs=3) for trial in members
    ]
    of_average, of_first = (
        -np.log(found[np.arange(len(X)), table.y[held_back]].astype(np.float64)).mean()
        for found in (np.asarray(np.mean(probabilities, axis=0, dtype=np.float64)), probabilities[0])
    )
    assert test.models["winner"]["log_loss"] == pytest.approx(of_average, rel=1e-5)
    assert of_first != pytest.approx(of_average, rel=1e-3)


def test_what_is_exported_predicts_what_sat_the_test_set(study: IrisStudy, tmp_path: Path) -> None:
    study.conclude()
    test = study.report.test
    assert test is not None
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    write_model(model_of(study.stored, study.prepared, candidate), tmp_path / "model", replace=False)

    model = read_model(tmp_path / "model")

    assert model.description.n_models == model.trained.n_models == test.n_models == 3
    X = candidate.known("dev").X
    np.testing.assert_array_equal(model.trained.predict(X), candidate.trained.predict(X))
    assert test.models.keys() == {"winner", "majority class", "logistic regression", "boosted trees"}
    assert candidate.ensemble is not None
    assert model.description.dev_figures == candidate.ensemble.average["dev"]


def test_without_it_the_winner_is_one_network_though_its_seeds_are_there(study: IrisStudy) -> None:
    config = study.stored.config
    off = config.model_copy(update={"confirmation": AVERAGED.model_copy(update={"ensemble": False})})
    candidate = train_winner(
        replace(study.stored, config=off), study.prepared, store=study.store, pool=study.pool
    )
    assert (candidate.trained.n_models, candidate.ensemble) == (1, None)


def test_runs_that_broke_off_are_left_out(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path), no_baselines=False, trials=1)
    confirm(study.store, "iris", {0: [0.5, None]})
    config = study.stored.config.model_copy(update={"confirmation": AVERAGED})
    stored = replace(study.stored, config=config)
    assert train_winner(stored, study.prepared, store=study.store, pool=study.pool).ensemble is not None

    of_none = [trial for trial in stored.trials if trial.number != 1]
    candidate = train_winner(
        replace(stored, trials=of_none), study.prepared, store=study.store, pool=study.pool
    )
    assert (candidate.trained.n_models, candidate.ensemble) == (1, None)
    study.store.close()


def disagreeing() -> tuple[TrainedModel, LabelledInputs, LabelledInputs]:
    """Return three drawn networks, examples that the average gets right, and ones that it gets wrong.

    The latter have a class that a network chooses and the average does not.
    """
    frame = mixed_frame(400, seed=3)
    network = drawn_winner(frame, n_models=3).trained
    X = network.preparation.transformation.apply(frame)
    chosen = np.stack([each.argmax(axis=1) for each in network.member_predictions(X)])
    of_average = network.predict(X).argmax(axis=1)
    is_contested = (chosen != of_average).any(axis=0)
    other = np.where(
        chosen[0] != of_average, chosen[0], np.where(chosen[1] != of_average, chosen[1], chosen[2])
    )
    return network, LabelledInputs(X, of_average), LabelledInputs(X[is_contested], other[is_contested])


def test_an_average_that_is_worse_on_dev_than_its_networks_mean_is_not_shipped() -> None:
    network, right, wrong = disagreeing()
    good = measure_ensemble(network, {"train": wrong, "dev": right}, Metric.ERROR)
    bad = measure_ensemble(network, {"train": right, "dev": wrong}, Metric.ERROR)
    assert (good.is_shipped, bad.is_shipped) == (True, False)
    assert bad.average["dev"]["error"] == 1 > bad.mean_dev_metric
    own = [
        figures(each, wrong.y, task=network.task, rule=MOST_PROBABLE)
        for each in network.member_predictions(wrong.X)
    ]
    assert bad.mean_dev_metric == pytest.approx(sum(each["error"] for each in own) / 3)
    assert bad.single["dev"] == own[0]
    assert good.single["train"] == own[0]


def test_by_log_loss_the_average_is_better_even_where_all_its_labels_are_wrong() -> None:
    network, _, wrong = disagreeing()
    assert measure_ensemble(network, {"dev": wrong}, Metric.LOG_LOSS).is_shipped


def test_where_the_average_is_not_shipped_the_winners_own_network_sits_the_test_set(tmp_path: Path) -> None:
    """Networks of five epochs are not sure enough, and their average is less sure still."""
    study = search_iris(
        new_store(tmp_path),
        no_baselines=False,
        trials=2,
        seed=1,
        metric="calibration_error",
        confirmation=AVERAGED,
    )
    study.conclude()
    report = study.report
    assert report.winner is not None
    ensemble = report.winner.ensemble
    assert ensemble is not None
    assert ensemble.dev_metric > ensemble.mean_dev_metric
    assert (report.winner.n_models, ensemble.is_shipped) == (1, False)
    assert report.winner.figures == ensemble.single_figures
    assert report.test is not None
    assert report.test.n_models == 1
    own = trained_by_hand(study, members_of(study.stored)[0])
    candidate = train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)
    np.testing.assert_array_equal(stacked_parameters(candidate.states), own[np.newaxis])
    study.store.close()


@pytest.mark.parametrize(
    ("average", "mean", "metric", "expected"),
    [
        (0.1, np.mean([0.1, 0.1, 0.1]), Metric.ERROR, True),
        (0.1, 0.1 - 1e-17, Metric.ERROR, True),
        (0.1001, 0.1, Metric.ERROR, False),
        (0.0999, 0.1, Metric.ERROR, True),
        (0.9, 0.91, Metric.ROC_AUC, False),
        (0.92, 0.91, Metric.ROC_AUC, True),
    ],
)
def test_no_worse_is_told_in_the_metrics_own_sense_and_but_for_rounding(
    average: float, mean: float, metric: Metric, *, expected: bool
) -> None:
    assert is_no_worse(average, mean, metric) is expected
