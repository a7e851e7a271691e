"""The winner as a weighted average: selected on dev, its optimism foretold, shipped as it was measured."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from optuna.trial import FrozenTrial
from sqlalchemy import text
from threadpoolctl import threadpool_limits

from search_spaces.input_choices import TargetScale
from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import NetworkSpace
from service.configuration.data_config import SplitConfig
from service.configuration.study_config import ConfirmationConfig
from service.data.preparation.preparation import TargetScaling, fit_target_scaling
from service.errors import ProctorError
from service.study.search.winner import winner_of
from service.study.storage.kept_trials import searched
from service.tables.table import load_table
from service.winner.examination.candidate import Candidate, model_of
from service.winner.examination.conclusion import train_winner
from service.winner.examination.ensemble import MOST_TRAININGS, Library, select_ensemble
from service.winner.models.model import read_model, write_model
from service.winner.models.onnx_export.onnx_model import onnx_content
from service.winner.models.trained_model import Member, TrainedModel, average
from tests.service.iris_study import IrisStudy, begin_iris, new_store, search_iris
from tests.service.winner.examination.dying_pool import DyingPool
from tests.service.winner.models.onnx_export.winners import onnx_outputs
from tests.workers.trained_states import parameters_of, stacked_parameters
from workers.messages import TrialEnded, TrialRequest
from workers.metrics.decision_rule import MOST_PROBABLE
from workers.metrics.metric import Metric
from workers.network.learner import PARAMETERS
from workers.network.prediction import predict
from workers.pools.in_process_pool import InProcessPool
from workers.train_dev_data import Task

AVERAGED = ConfirmationConfig(finalists=2, seeds=2, ensemble=True)
STUDY: dict[str, Any] = {"no_baselines": False, "trials": 4, "confirmation": AVERAGED}


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = search_iris(new_store(tmp_path), **STUDY)
    yield study
    study.store.close()


def winner_again(study: IrisStudy) -> Candidate:
    return train_winner(study.stored, study.prepared, store=study.store, pool=study.pool)


def members_of(study: IrisStudy, candidate: Candidate) -> list[tuple[FrozenTrial, int]]:
    """Return the trainings that are averaged, with their weights."""
    assert candidate.ensemble is not None
    return [(study.stored.trials[each.trial], each.weight) for each in candidate.ensemble.members]


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


def predicted_by_hand(study: IrisStudy, trial: FrozenTrial, X: NDArray[np.float32]) -> NDArray[np.floating]:
    point = NetworkPoint.of(study.stored.config.space.point(trial.params))
    parameters = trained_by_hand(study, trial)
    with threadpool_limits(1, "blas"):  # several threads would divide a product, each with edges of its own
        return predict(parameters, point, X, task=study.prepared.split.task, n_outputs=3)


def test_it_predicts_the_weighted_mean_of_its_trainings_to_the_last_bit(study: IrisStudy) -> None:
    candidate = winner_again(study)
    members = members_of(study, candidate)
    assert len(members) > 2
    assert len({weight for _, weight in members}) > 1
    sets = study.prepared.known_sets
    point_of = study.stored.config.space.point
    predictions = [
        predicted_by_hand(study, trial, sets[point_of(trial.params).input_choices]["dev"].X)
        for trial, _ in members
    ]
    np.testing.assert_array_equal(
        candidate.trained.predict(candidate.known("dev").X),
        average(predictions, [weight for _, weight in members]),
    )
    assert candidate.is_reproduced


@pytest.mark.parametrize("n_workers", [2, 3])
def test_workers_however_many_and_dying_change_no_bit(study: IrisStudy, n_workers: int) -> None:
    alone = winner_again(study)
    together = InProcessPool(study.prepared.trial_data, n_workers=n_workers)
    dying = DyingPool(study, deaths=2)
    for pool in (together, dying):
        again = train_winner(study.stored, study.prepared, store=study.store, pool=pool)
        for one, other in zip(again.members, alone.members, strict=True):
            np.testing.assert_array_equal(stacked_parameters([one]), stacked_parameters([other]))
        assert (again.ensemble, again.selection) == (alone.ensemble, alone.selection)
    assert dying.deaths_left == 0


def test_a_study_that_was_stopped_as_it_confirmed_selects_the_same(study: IrisStudy, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stopped = begin_iris(new_store(tmp_path / "other"), **STUDY)
    stopped.run_some(40)
    assert 4 < len(stopped.stored.trials) <= 8
    assert any(not trial.state.is_finished() for trial in stopped.stored.trials)
    stopped.run(n_workers=2)
    assert winner_again(stopped).ensemble == winner_again(study).ensemble
    stopped.store.close()


def test_one_whose_workers_always_die_is_named_with_the_winner(study: IrisStudy) -> None:
    class DyingRuns(DyingPool):
        """A pool that loses all but the winner."""

        def submit(self, request: TrialRequest) -> None:
            if request.number != winner:
                super().submit(request)

    winner = winner_of(study.stored.trials, study.stored.metric).number
    with pytest.raises(ProctorError, match=rf"trial \d+ is averaged for trial {winner}, the winner, but"):
        train_winner(
            study.stored, study.prepared, store=study.store, pool=DyingRuns(study, deaths=MOST_TRAININGS * 9)
        )


def test_one_training_that_comes_out_otherwise_is_reported(study: IrisStudy) -> None:
    winner = winner_of(study.stored.trials, study.stored.metric).number
    others = [trial for trial, _ in members_of(study, winner_again(study)) if trial.number != winner]
    last = others[-1]
    with study.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE trial_intermediate_values SET intermediate_value = 0.5 WHERE step = 1 AND trial_id ="
                " (SELECT trial_id FROM trials WHERE number = :number)"
            ),
            {"number": last.number},
        )
    assert not winner_again(study).is_reproduced


def test_the_test_figures_are_those_of_the_average_by_an_independent_hand(study: IrisStudy) -> None:
    study.conclude()
    test, split, table = study.report.test, study.prepared.split, load_table("iris")
    assert test is not None
    cells = table.frame.select(table.feature_names).to_numpy()
    train = cells[split.known.rows[split.folds[0].train]]
    held_back = sorted(set(range(len(table.y))) - set(split.known.rows.tolist()))
    X = ((cells[held_back] - train.mean(axis=0)) / train.std(axis=0)).astype(np.float32)
    members = members_of(study, winner_again(study))
    predictions = [predicted_by_hand(study, trial, X) for trial, _ in members]
    weights = np.array([weight for _, weight in members])
    probabilities = np.average(np.array(predictions, np.float64), axis=0, weights=weights)
    of_average = -np.log(probabilities[np.arange(len(X)), table.y[held_back]]).mean()
    assert test.models["winner"]["log_loss"] == pytest.approx(of_average, rel=1e-5)
    assert test.n_models == len(members)


def test_what_is_exported_predicts_what_was_evaluated_on_the_test_set(
    study: IrisStudy, tmp_path: Path
) -> None:
    study.conclude()
    test, candidate = study.report.test, winner_again(study)
    assert test is not None
    write_model(model_of(study.stored, study.prepared, candidate), tmp_path / "model", replace=False)

    model = read_model(tmp_path / "model")

    weights = [each.weight for each in candidate.members]
    assert [each.weight for each in model.description.members] == weights
    assert model.trained.n_models == test.n_models == len(weights)
    X = candidate.known("dev").X
    np.testing.assert_array_equal(model.trained.predict(X), candidate.trained.predict(X))
    assert test.models.keys() == {"winner", "majority class", "logistic regression", "boosted trees"}
    assert model.description.dev_figures == candidate.own_figures("dev")


def test_without_it_the_winner_is_one_network_and_no_runs_predictions_are_kept(tmp_path: Path) -> None:
    off = AVERAGED.model_copy(update={"ensemble": False})
    study = search_iris(new_store(tmp_path), trials=4, confirmation=off)
    assert set(study.store.dev_predictions("iris")) == {
        trial.number for trial in searched(study.stored.trials)
    }
    candidate = winner_again(study)
    assert (candidate.trained.n_models, candidate.ensemble, candidate.selection) == (1, None, None)
    study.store.close()


def test_without_confirmation_the_searched_trials_are_averaged(tmp_path: Path) -> None:
    confirmation = ConfirmationConfig(finalists=0, ensemble=True)
    study = search_iris(new_store(tmp_path), trials=3, confirmation=confirmation)
    ensemble = winner_again(study).ensemble
    assert ensemble is not None
    assert ensemble.n_candidates == 3
    study.store.close()


def test_trials_that_are_not_there_are_left_out_with_their_runs(study: IrisStudy) -> None:
    stored = study.stored
    winner = winner_of(stored.trials, stored.metric).number
    ensemble = winner_again(study).ensemble
    assert ensemble is not None
    assert ensemble.n_candidates == 4 + 2 * 2
    without = [
        trial for trial in stored.trials if winner not in {trial.number, trial.user_attrs.get("confirms")}
    ]
    candidate = train_winner(
        replace(stored, trials=without), study.prepared, store=study.store, pool=study.pool
    )
    assert candidate.ensemble is not None
    assert candidate.ensemble.n_candidates == 3 + 2


WAYS = {
    "one dev set": (SplitConfig(), False),
    "folds": (SplitConfig(folds=2), False),
    "refits": (SplitConfig(folds=2), True),
}


@pytest.mark.parametrize("way", WAYS)
def test_trainings_on_both_scales_of_the_target_are_averaged_in_its_own_unit(
    way: str, tmp_path: Path
) -> None:
    split, refit = WAYS[way]
    study = search_iris(
        new_store(tmp_path),
        table="diabetes",
        name="diabetes",
        trials=6,
        space=NetworkSpace.model_validate({"target_scale": {"choices": ["standard", "log"]}, "width": 8}),
        split=split,
        confirmation=ConfirmationConfig(finalists=1, seeds=1, ensemble=True, refit=refit),
    )
    candidate = winner_again(study)
    assert candidate.is_reproduced
    trained, table = candidate.trained, load_table("diabetes")
    frame, weights = table.frame.select(table.feature_names), [each.weight for each in candidate.members]
    by_hand = [_number(each, X) for each, X in zip(trained.members, trained.inputs(frame), strict=True)]
    expected = np.average(by_hand, axis=0, weights=weights)
    assert {_scaling(each).is_log for each in trained.members} == {False, True}
    np.testing.assert_allclose(trained.predict(trained.inputs(frame)), expected, rtol=1e-12)

    write_model(model_of(study.stored, study.prepared, candidate), tmp_path / "model", replace=False)
    model = read_model(tmp_path / "model")

    predicted = model.trained.predict(model.trained.inputs(frame))
    np.testing.assert_array_equal(predicted, trained.predict(trained.inputs(frame)))
    np.testing.assert_allclose(
        onnx_outputs(onnx_content(model, {}), frame)["prediction"][:, 0], expected, rtol=1e-4
    )
    data, known = study.prepared.trial_data, study.prepared.split.known.y.astype(np.float64)
    if refit:
        _assert_scaled_by(trained, known)
        study.store.close()
        return
    errors = []
    for place, fold in enumerate(study.prepared.split.folds):
        of_fold = replace(trained, members=trained.members[place :: data.n_folds])
        _assert_scaled_by(of_fold, known[fold.train])
        X_dev = [data.folds(each.hyperparameters)[place].X_dev for each in of_fold.members]
        errors.append(_rmse(of_fold.predict(X_dev), known[fold.dev]))
    assert candidate.dev_figures()["winner"]["rmse"] == pytest.approx(np.mean(errors), rel=1e-4)
    if len(errors) == 1:
        assert candidate.selection is not None
        of_average = candidate.selection.without - candidate.selection.size
        assert of_average == pytest.approx(errors[0], rel=1e-4)
    study.store.close()


def _scaling(member: Member) -> TargetScaling:
    assert member.preparation.target_scaling is not None
    return member.preparation.target_scaling


def _assert_scaled_by(trained: TrainedModel, y: NDArray[np.float64]) -> None:
    """Check that each member's target was scaled, as its hyperparameters say, by these train targets."""
    for each in trained.members:
        is_log = NetworkPoint.of(each.hyperparameters).target_scale is TargetScale.LOG
        assert _scaling(each) == fit_target_scaling(y, is_log=is_log)


def _number(member: Member, X: NDArray[np.float32]) -> NDArray[np.float64]:
    scaling, point = _scaling(member), NetworkPoint.of(member.hyperparameters)
    with threadpool_limits(1, "blas"):
        standardized = predict(member.state[PARAMETERS], point, X, task=Task.REGRESSION, n_outputs=1)[:, 0]
    number = standardized.astype(np.float64) * scaling.deviation + scaling.mean
    return np.clip(np.exp(number), scaling.low, scaling.high) if scaling.is_log else number


def _rmse(predicted: NDArray[np.floating], y: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean((predicted - y) ** 2)))


def of_classes(predictions: NDArray[np.float64], y: NDArray[np.int64], **changes: Any) -> Library:  # noqa: ANN401
    """Return a library of models with these probabilities of class 1 (n_models, n_dev)."""
    both = np.stack([1 - predictions, predictions], axis=-1)
    library = Library(
        Metric.ERROR, dict(enumerate(both)), y, MOST_PROBABLE, units=None, seed=0, fold_sizes=(len(y),)
    )
    return replace(library, **changes)


def test_models_that_err_on_other_examples_are_taken_and_a_poor_one_is_not() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    signal = y * 2.0 - 1
    logits = np.stack([signal + rng.normal(size=400) * noise for noise in (1.5, 1.5, 1.5, 40)])
    selected = select_ensemble(of_classes(1 / (1 + np.exp(-logits)), y))
    assert selected is not None
    assert set(selected.weights) >= {0, 1, 2}
    assert selected.weights.get(3, 0) < 5
    assert list(selected.weights.values()) == sorted(selected.weights.values(), reverse=True)
    assert sum(selected.weights.values()) == pytest.approx(100, abs=2)


def test_a_model_that_is_right_everywhere_is_taken_alone() -> None:
    y = np.arange(60) % 2
    selected = select_ensemble(of_classes(np.stack([1.0 - y, y * 1.0, np.full(60, 0.5)]), y))
    assert selected is not None
    assert selected.weights == {1: 100}


def test_what_is_expected_on_new_examples_is_right_where_there_is_nothing_to_select() -> None:
    """Thirty models that guess: the best average seems better than chance, which it is not."""
    shown, expected = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 100)
        selected = select_ensemble(of_classes(rng.random((30, 100)), y, seed=seed))
        assert selected is not None
        expected.append(selected.bootstrap.without)
        shown.append(selected.bootstrap.without - selected.bootstrap.size)
    assert np.mean(shown) < 0.4
    assert np.mean(expected) == pytest.approx(0.5, abs=0.02)


def test_copies_of_an_example_are_left_out_together() -> None:
    """With each example five times, what was drawn would tell what was not, unless they are one unit."""
    rng = np.random.default_rng(3)
    y, predictions = rng.integers(0, 2, 60), rng.random((20, 60))
    fivefold, of_all = np.repeat(y, 5), np.repeat(predictions, 5, axis=1)
    together = select_ensemble(of_classes(of_all, fivefold, units=np.repeat(np.arange(60), 5)))
    apart = select_ensemble(of_classes(of_all, fivefold))
    once = select_ensemble(of_classes(predictions, y))
    assert together is not None
    assert apart is not None
    assert once is not None
    assert together.bootstrap.size == pytest.approx(once.bootstrap.size, abs=0.02)
    assert apart.bootstrap.size < together.bootstrap.size / 3


def test_no_more_trainings_than_may_be_are_averaged() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 300)
    predictions = np.clip(y + rng.normal(size=(30, 300)), 0, 1)
    for n_most in (1, 4, MOST_TRAININGS):
        selected = select_ensemble(of_classes(predictions, y, metric=Metric.LOG_LOSS), n_most=n_most)
        assert selected is not None
        assert len(selected.weights) == n_most


def test_of_one_model_or_of_one_unit_of_examples_nothing_is_selected() -> None:
    y = np.array([0, 1, 1, 0])
    two = np.stack([y * 0.9, y * 0.8])
    assert select_ensemble(of_classes(two[:1], y)) is None
    assert select_ensemble(of_classes(two[:, :1], y[:1])) is None
    assert select_ensemble(of_classes(two, y)) is not None
