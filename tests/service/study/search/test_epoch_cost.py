"""An epoch costs more with more of anything, always something, and nothing that is measured."""

from typing import Any

import pytest

from search_spaces.hyperparameters import Activation, Hyperparameters, Optimizer
from service.study.search.epoch_cost import amounts_of_work, epoch_cost
from tests.service.study.search.studies import folded_moons, two_moons

PLAIN = Hyperparameters(width=32, depth=2, batch_size=16, optimizer=Optimizer.SGD)


def with_change(change: dict[str, Any]) -> Hyperparameters:
    return Hyperparameters.model_validate(PLAIN.model_dump() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"width": 64},
        {"depth": 3},
        {"batch_size": 8},
        {"width_1": 128},
        {"activation": "gelu"},
        {"optimizer": "adam"},
        {"batch_normalization": "on"},
        {"feature_scale": "on"},
        {"keep_prob": 0.9},
        {"input_keep_prob": 0.9},
        {"l1_lambda": 0.1},
        {"l2_lambda": 0.1},
        {"clip_norm": 1.0},
        {"max_norm": 1.0},
        {"noise_deviation": 0.1},
        {"mixup_alpha": 0.1},
        {"shift_fraction": 0.1},
    ],
    ids=str,
)
def test_more_work_costs_more(change: dict[str, Any]) -> None:
    assert epoch_cost(with_change(change), two_moons()) > epoch_cost(PLAIN, two_moons()) > 0


def test_more_examples_cost_more() -> None:
    assert epoch_cost(PLAIN, two_moons(600, 40)) > epoch_cost(PLAIN, two_moons(60, 40))
    assert epoch_cost(PLAIN, two_moons(60, 4000)) > epoch_cost(PLAIN, two_moons(60, 40))


def test_a_batch_beyond_the_train_set_costs_what_one_as_large_does() -> None:
    whole, beyond = with_change({"batch_size": 60}), with_change({"batch_size": 600})
    assert epoch_cost(whole, two_moons(60, 40)) == epoch_cost(beyond, two_moons(60, 40))


def test_values_that_no_work_hangs_on_cost_nothing() -> None:
    change = {"learning_rate": 0.5, "learning_rate_schedule": "cosine", "label_smoothing": 0.1}
    assert epoch_cost(with_change(change), two_moons()) == epoch_cost(PLAIN, two_moons())


def test_folds_cost_their_mean() -> None:
    data = folded_moons(3)
    costs = [epoch_cost(PLAIN, type(data)({PLAIN.input_choices: (fold,)})) for fold in data.first_folds]
    assert epoch_cost(PLAIN, data) == pytest.approx(sum(costs) / 3)


@pytest.mark.parametrize("activation", list(Activation))
def test_matrix_products_are_counted_as_they_are_done(activation: Activation) -> None:
    (data,) = two_moons(60, 40).first_folds
    amounts = amounts_of_work(with_change({"activation": activation}), data)

    # 2 features, 32 and 32 units, 2 classes; to each weight 2 operations an example and product.
    forward = 2 * (2 * 32 + 32 * 32 + 32 * 2)
    backward_to_inputs = 2 * (32 * 32 + 32 * 2)
    assert amounts["flop"] == 60 * (2 * forward + backward_to_inputs) + 40 * forward
    assert amounts[activation.value] == 100 * 64
    assert (amounts["step"], amounts["layer and step"]) == (4, 12)
