"""What every kind of model promises, whatever it is: the same tests for each."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from textwrap import dedent

import numpy as np
import pytest
from numpy.typing import NDArray

from search_spaces.boosting.point import BoostingLoss, BoostingPoint
from search_spaces.kinds import SPACES
from search_spaces.network.point import NetworkPoint, Optimizer
from search_spaces.point import Point
from tests.house.checkout import ROOT
from tests.workers.kind_cases import MAX_EPOCHS, OUTPUTS, POINTS, data_of, rules
from workers.denormals import denormals_as_zero
from workers.kinds import KINDS, model_kind
from workers.messages import Ending, FoldThreshold, State, Threshold, TrialEnded, TrialRequest
from workers.model_kind import Learner
from workers.train_dev_data import TrainDevData
from workers.trial.training import Training
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

every_kind = pytest.mark.parametrize("kind", POINTS)
every_output = pytest.mark.parametrize("n_outputs", OUTPUTS)
N_EPOCHS = 20
"""More than boosting grows at once."""


def learner(kind: str, data: TrainDevData, *, seed: int = 5, point: Point | None = None) -> Learner:
    return model_kind(kind).learner(data, point or POINTS[kind], seed=seed, rules=rules(kind, data))


def n_epochs(kind: str) -> int:
    return min(N_EPOCHS, MAX_EPOCHS[kind])


def advanced(model: Learner, data: TrainDevData, *, epochs: int) -> list[NDArray[np.float32]]:
    """Let a model learn, and return what it predicts for the dev set after each epoch."""
    predictions = []
    with denormals_as_zero():  # as a training does
        for _ in range(epochs):
            model.advance()
            predictions.append(np.empty((len(data.X_dev), data.n_outputs), np.float32))
            model.predict_dev(predictions[-1])
    return predictions


def same(one: State, other: State) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name]) for name in one
    )


def ended(request: TrialRequest, folds: Sequence[TrainDevData]) -> TrialEnded:
    data = TrialData({request.hyperparameters.input_choices: tuple(folds)})
    *_, end = run_trial(data, request, worker="here")
    assert isinstance(end, TrialEnded)
    return end


def test_there_is_a_case_for_every_kind_that_can_be_searched() -> None:
    assert set(POINTS) == set(SPACES) == set(KINDS)


@every_kind
@every_output
def test_the_same_seed_gives_the_same_bits(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    models = [learner(kind, data) for _ in range(2)]

    one, other = (advanced(model, data, epochs=n_epochs(kind)) for model in models)

    np.testing.assert_array_equal(one, other)
    for model in models:
        model.keep()
    assert same(models[0].kept_state, models[1].kept_state)
    assert models[0].kept_figures == models[1].kept_figures


@every_output
@pytest.mark.parametrize("kind", ["network", "boosting"])
def test_another_seed_gives_another_model_where_it_is_random(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    one, other = (advanced(learner(kind, data, seed=seed), data, epochs=3) for seed in (1, 2))
    assert not np.array_equal(one, other)


@every_kind
@every_output
def test_two_that_learn_by_turns_do_not_disturb_each_other(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    alone = [advanced(learner(kind, data, seed=seed), data, epochs=n_epochs(kind)) for seed in (1, 2)]

    models = [learner(kind, data, seed=seed) for seed in (1, 2)]
    turns: list[list[NDArray[np.float32]]] = [[], []]
    for _ in range(n_epochs(kind)):
        for model, predictions in zip(models, turns, strict=True):
            predictions.extend(advanced(model, data, epochs=1))

    np.testing.assert_array_equal(turns, alone)


@every_kind
@every_output
def test_what_was_kept_predicts_what_the_dev_set_was_judged_by(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    model = learner(kind, data)
    kept = n_epochs(kind) // 2 or 1
    predictions = advanced(model, data, epochs=kept)
    model.keep()
    advanced(model, data, epochs=n_epochs(kind) - kept)

    state = {name: array.copy() for name, array in model.kept_state.items()}
    predicted = model_kind(kind).predict(state, POINTS[kind], data.X_dev, task=data.task, n_outputs=n_outputs)

    assert predicted.dtype == np.float32
    np.testing.assert_array_equal(predicted, predictions[-1])
    if n_outputs > 1:
        np.testing.assert_allclose(predicted.sum(axis=1), 1, atol=1e-6)


@every_kind
@every_output
def test_a_row_is_predicted_alike_in_any_company(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    model = learner(kind, data)
    advanced(model, data, epochs=n_epochs(kind))
    model.keep()
    state = model.kept_state

    def predicted(X: NDArray[np.float32]) -> NDArray[np.float32]:
        return model_kind(kind).predict(state, POINTS[kind], X, task=data.task, n_outputs=n_outputs)

    X = data.X_dev
    together = predicted(X)
    order = np.random.default_rng(0).permutation(len(X))
    np.testing.assert_array_equal(predicted(X[order]), together[order])
    np.testing.assert_array_equal(np.concatenate([predicted(X[i : i + 1]) for i in range(len(X))]), together)
    np.testing.assert_array_equal(predicted(X[3:40]), together[3:40])
    np.testing.assert_array_equal(predicted(np.tile(X, (40, 1))), np.tile(together, (40, 1)))
    np.testing.assert_array_equal(predicted(np.asfortranarray(X)), together)
    assert predicted(X[:0]).shape == (0, n_outputs)


@every_kind
@every_output
def test_a_state_is_plain_arrays_that_files_take_and_give_back(
    kind: str, n_outputs: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = data_of(kind, n_outputs)
    model = learner(kind, data)
    predictions = advanced(model, data, epochs=2)[-1]
    model.keep()
    file = tmp_path_factory.mktemp("state") / "state.npz"

    np.savez(file, allow_pickle=False, **dict(model.kept_state))
    with np.load(file, allow_pickle=False) as read:
        state = dict(read)

    predicted = model_kind(kind).predict(state, POINTS[kind], data.X_dev, task=data.task, n_outputs=n_outputs)
    np.testing.assert_array_equal(predicted, predictions)


@every_kind
@every_output
def test_a_trial_is_stopped_early_and_keeps_its_best_epoch(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    request = TrialRequest(
        1, POINTS[kind], 5, rules(kind, data, patience=3), keep_state=True, keep_predictions=True
    )

    end = ended(request, [data])

    assert end.ending is Ending.COMPLETE, end.reason
    watched = [epoch.dev_watched for epoch in end.curve]
    assert end.best_epoch == watched.index(min(watched)) + 1
    assert end.epochs == min(end.best_epoch + 3, MAX_EPOCHS[kind])
    assert end.state is not None
    predicted = model_kind(kind).predict(
        end.state, POINTS[kind], data.X_dev, task=data.task, n_outputs=n_outputs
    )
    assert end.dev_predictions is not None
    np.testing.assert_array_equal(predicted, end.dev_predictions)


@every_kind
@every_output
def test_a_refit_to_the_best_epoch_gives_the_same_state(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    request = TrialRequest(1, POINTS[kind], 5, rules(kind, data, patience=3), keep_state=True)
    judged = ended(request, [data])
    unjudged = replace(data, X_dev=data.X_dev[:0], y_dev=data.y_dev[:0])

    refit = ended(replace(request, refit_epochs=judged.best_epoch), [unjudged])

    assert refit.ending is Ending.COMPLETE, refit.reason
    assert refit.state is not None
    assert judged.state is not None
    assert same(refit.state, judged.state)
    assert refit.model_figures == judged.model_figures


@every_kind
@every_output
def test_folds_are_trained_one_after_the_other_and_pruned_between(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    other = replace(data, X_train=data.X_train[50:], y_train=data.y_train[50:])
    request = TrialRequest(1, POINTS[kind], 5, rules(kind, data))

    whole = ended(request, [data, other])
    pruned = ended(replace(request, fold_thresholds=(FoldThreshold(1, -1e9),)), [data, other])

    assert (whole.ending, len(whole.folds)) == (Ending.COMPLETE, 2)
    assert whole.epochs == 2 * MAX_EPOCHS[kind]
    assert (pruned.ending, len(pruned.folds)) == (Ending.PRUNED, 1)


@every_output
@pytest.mark.parametrize("kind", ["network", "boosting"])
def test_a_threshold_prunes_it_at_its_epoch(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    request = TrialRequest(1, POINTS[kind], 5, rules(kind, data))
    undisturbed = ended(request, [data])

    pruned = ended(replace(request, thresholds=(Threshold(4, -1e9),)), [data])

    assert (pruned.ending, pruned.epochs) == (Ending.PRUNED, 4)
    assert pruned.curve == undisturbed.curve[:4]


@every_kind
def test_targets_that_are_not_numbers_fail_as_data(kind: str) -> None:
    data = data_of(kind, 1)
    spoiled = data.y_train.copy()
    spoiled[7] = np.nan

    end = ended(TrialRequest(1, POINTS[kind], 5, rules(kind, data)), [replace(data, y_train=spoiled)])

    assert (end.ending, end.best_epoch, end.state) == (Ending.FAILED, 0, None)
    assert end.reason


@pytest.mark.parametrize(
    "point",
    [
        NetworkPoint(learning_rate=1e30, optimizer=Optimizer.SGD),
        BoostingPoint(learning_rate=1e300),
        BoostingPoint(learning_rate=1e300, loss=BoostingLoss.ABSOLUTE_ERROR),
    ],
)
def test_an_absurd_learning_rate_fails_as_data(point: Point) -> None:
    data = data_of(point.kind, 1)
    end = ended(TrialRequest(1, point, 5, rules(point.kind, data)), [data])
    assert end.ending is Ending.FAILED
    assert "learning rate" in end.reason


@pytest.mark.parametrize("kind", ["boosting", "linear"])
def test_one_class_alone_fails_as_data(kind: str) -> None:
    data = data_of(kind, 2)
    alike = replace(data, y_train=np.zeros_like(data.y_train))
    end = ended(TrialRequest(1, POINTS[kind], 5, rules(kind, data)), [alike])
    assert (end.ending, end.reason) == (Ending.FAILED, "the train set has examples of one class alone")


@every_kind
def test_a_class_without_train_examples_is_no_obstacle(kind: str) -> None:
    data = data_of(kind, 4)
    is_known = data.y_train != 1
    lacking = replace(data, X_train=data.X_train[is_known], y_train=data.y_train[is_known])

    training = Training(lacking, POINTS[kind], seed=5, rules=rules(kind, data))
    training.run_epoch()

    predictions = training.best_dev_predictions
    assert predictions is not None
    np.testing.assert_allclose(predictions.sum(axis=1), 1, atol=1e-6)
    assert predictions[:, 1].mean() < predictions[:, [0, 2, 3]].mean()


@every_kind
def test_a_point_of_another_kind_is_refused(kind: str) -> None:
    other = next(point for name, point in POINTS.items() if name != kind)
    data = data_of(kind, 1)
    with pytest.raises(TypeError, match=f"expected a point of the kind {kind}, got one of the kind"):
        learner(kind, data, point=other)


@every_kind
@every_output
def test_an_epoch_costs_more_with_more_rows(kind: str, n_outputs: int) -> None:
    data = data_of(kind, n_outputs)
    nine_times = np.tile(np.arange(len(data.X_train)), 9)
    more = replace(data, X_train=data.X_train[nine_times], y_train=data.y_train[nine_times])
    cost = model_kind(kind).epoch_cost
    assert 0 < cost(POINTS[kind], data) < cost(POINTS[kind], more)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    """Sums over examples and products are divided among threads: by as many as there are, if they may."""
    digests = {
        subprocess.run(
            [sys.executable, "-m", "tests.workers.kind_digests"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout
        for n in ("1", "3")
    }
    assert len(digests) == 1


def test_only_those_who_train_them_import_scikit_learn() -> None:
    """To predict, and to weigh what an epoch costs, is quick to begin with."""
    code = (
        "import sys, workers.kinds as kinds\n"
        "for name in kinds.KINDS: kinds.model_kind(name)\n"
        "assert 'sklearn' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True
    )


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("network", "workers.network.learner"), ("boosting", "sklearn"), ("linear", "sklearn")],
)
def test_what_training_needs_is_imported_before_a_trials_time_begins(kind: str, needed: str) -> None:
    code = f"""
        import sys
        from search_spaces.kinds import space_type
        from workers.messages import TrainingRules, TrialRequest
        from workers.metrics.metric import Metric
        from workers.trial.trial_runner import run_trial
        assert {needed!r} not in sys.modules
        point = space_type({kind!r}).fields.point_type()
        request = TrialRequest(0, point, 0, TrainingRules(1, 1, Metric.ERROR, Metric.ERROR))
        next(run_trial(None, request, worker="here"))
        assert {needed!r} in sys.modules
    """
    subprocess.run([sys.executable, "-c", dedent(code)], check=True, cwd=ROOT)
