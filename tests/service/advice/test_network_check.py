"""The checks of a network's training: sound ones pass, and a planted fault is found."""

from dataclasses import replace

import numpy as np
import pytest

from search_spaces.network.point import (
    Activation,
    InitScheme,
    LossName,
    NetworkPoint,
    Optimizer,
)
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from service.advice.network_check import TrainingCheck, check_training
from tests.workers.train_dev_sets import diabetes, digits
from workers.network import dense_layer
from workers.network.dense_layer import DenseLayer
from workers.network.gradient_check import Verdict
from workers.train_dev_data import TrainDevData


def verdicts(check: TrainingCheck) -> list[str]:
    return [verdict.value for verdict in check.verdicts]


@pytest.mark.parametrize("data", [digits(), diabetes()], ids=["digits", "diabetes"])
@pytest.mark.parametrize("space", preset_names(NetworkSpace))
def test_the_default_points_of_the_built_in_spaces_are_sound(data: TrainDevData, space: str) -> None:
    preset = load_preset(NetworkSpace, space)
    check = check_training(data, preset.point(preset.default_values()), seed=0)
    assert verdicts(check) == ["right"] * 4
    assert check.is_sound


@pytest.mark.parametrize("activation", Activation)
def test_every_activation_has_a_right_gradient(activation: Activation) -> None:
    check = check_training(digits(), NetworkPoint(activation=activation), seed=0)
    assert check.gradient.verdict is Verdict.RIGHT
    assert check.gradient.n_checked == 1000 < check.gradient.n_parameters


def test_a_wrong_gradient_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = DenseLayer.backward

    def without_bias(self: DenseLayer, dA: np.ndarray, *, dX: np.ndarray | None) -> None:
        right(self, dA, dX=dX)
        self.db[:] *= -1

    monkeypatch.setattr(dense_layer.DenseLayer, "backward", without_bias)
    check = check_training(digits(), NetworkPoint(depth=1, width=8), seed=0)
    assert check.gradient.verdict is Verdict.WRONG
    assert not check.is_sound


def test_a_rate_that_learns_nothing_is_wrong_and_the_rest_is_right() -> None:
    check = check_training(digits(), NetworkPoint(learning_rate=1e-7), seed=0)
    assert verdicts(check) == ["right", "right", "wrong", "right"]
    assert not check.is_sound


def test_a_bad_init_deserves_another_look() -> None:
    point = NetworkPoint(init_scheme=InitScheme.NORMAL, depth=4, optimizer=Optimizer.ADAM)
    check = check_training(digits(), point, seed=0)
    assert check.verdicts[3] is Verdict.LOOK_AGAIN
    assert set(check.pictures) == {"normal", "normal 0.01", "normal 1", "zeros"}
    assert all(len(spreads.activations) == 8 for spreads in check.pictures.values())


def test_layers_are_those_of_the_network() -> None:
    data = digits()
    odd = replace(data, y_train=data.y_train % 2, y_dev=data.y_dev % 2, n_outputs=2)
    assert check_training(odd, NetworkPoint(loss=LossName.BINARY), seed=0).layers == (64, 64, 64, 1)


def test_a_loss_for_another_task_is_refused() -> None:
    with pytest.raises(ValueError, match="the loss huber is not for classification"):
        check_training(digits(), NetworkPoint(loss=LossName.HUBER), seed=0)


def test_the_dev_set_is_not_looked_at() -> None:
    data = digits()
    blind = TrainDevData(
        data.task, data.X_train, data.y_train, np.full_like(data.X_dev, np.nan), data.y_dev, 10
    )
    first, second = (check_training(given, NetworkPoint(), seed=0) for given in (data, blind))
    assert first == second
