"""What onnxruntime predicts from raw columns is what the report measured, for any column and network."""

import numpy as np
import onnx
import polars as pl
import pytest

from search_spaces.input_choices import InputChoices
from search_spaces.network.point import Activation, LossName, NetworkPoint, NumericEmbedding, Switch
from service.winner.models.onnx_export.onnx_model import onnx_content, onnx_model
from tests.service.data.inputs.frames import KINDS, SCALED_CHOICES, mixed_frame, typed
from tests.service.winner.models.onnx_export.winners import (
    SMALL,
    both_predictions,
    categories_of,
    drawn_winner,
    onnx_outputs,
)
from tests.workers.trained_states import stacked_parameters

TRAIN = mixed_frame(600, seed=1)
FEW_CATEGORIES = TRAIN.drop("street")
"""Without the column whose categories are hashed."""

EXTREMES = typed(
    {
        "size": [1e308, -1e308, np.inf, -np.inf, None, 5e-324, 0.0],
        "age": [None, np.inf, -np.inf, 1e300, 18.0, 89.0, 1e-310],
        "wild": [np.inf, None, -np.inf, 1.7e308, -1.7e308, 1e-310, 5e-324],
        "pixel": [1.0, None, np.inf, -np.inf, 255.0, -1.0, 1e-3],
        "is member": [None, True, False, None, True, False, True],
        "sold": [None, 0, -1, 951_825_600_000_000, 4_107_542_400_000_000, -62_135_596_800_000_000, 1],
        "color": [None, "never seen", "red", "teal", "Red", "ré", "blue"],
        "street": ["never seen", None, "street 1", "street 178", "street", "STREET 1", "street 89"],
    }
)
ROBUST, QUANTILE, TOLD = SCALED_CHOICES[1], SCALED_CHOICES[2], SCALED_CHOICES[4]
NEW = pl.concat([mixed_frame(300, seed=2), EXTREMES])


@pytest.mark.parametrize("choices", SCALED_CHOICES, ids=str)
def test_every_scaling_and_encoding_agrees(choices: InputChoices) -> None:
    is_hashed = choices.high_cardinality_encoding is SCALED_CHOICES[0].high_cardinality_encoding
    train = FEW_CATEGORIES if is_hashed else TRAIN
    model = drawn_winner(train, choices=choices)
    found, expected = both_predictions(model, NEW, train=train)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    assert np.ptp(expected[:300], axis=0).min() > 0.02  # rows differ: a constant would agree with itself


@pytest.mark.parametrize("activation", Activation)
@pytest.mark.parametrize("switch", Switch)
def test_every_network_agrees(activation: Activation, switch: Switch) -> None:
    hyperparameters = NetworkPoint(
        depth=3,
        width=16,
        activation=activation,
        batch_normalization=switch,
        feature_scale=switch,
        activation_mix=switch,
    )
    model = drawn_winner(FEW_CATEGORIES, hyperparameters, choices=ROBUST)
    found, expected = both_predictions(model, NEW, train=FEW_CATEGORIES)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("switch", Switch)
@pytest.mark.parametrize("choices", [ROBUST, QUANTILE, TOLD], ids=str)
def test_embedded_numbers_agree(switch: Switch, choices: InputChoices) -> None:
    hyperparameters = NetworkPoint(
        depth=1,
        width=16,
        feature_scale=switch,
        numeric_embedding=NumericEmbedding.PERIODIC,
        embedding_frequency=0.5,
    )
    train = TRAIN if choices is TOLD else FEW_CATEGORIES
    model = drawn_winner(train, hyperparameters, choices=choices)
    found, expected = both_predictions(model, NEW, train=train)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_a_steep_leaky_slope_and_a_single_unit_agree() -> None:
    for hyperparameters in (
        NetworkPoint(depth=2, width=8, activation=Activation.LEAKY_RELU, leaky_slope=0.7),
        NetworkPoint(depth=1, width=1),
    ):
        model = drawn_winner(FEW_CATEGORIES, hyperparameters, choices=ROBUST)
        found, expected = both_predictions(model, NEW, train=FEW_CATEGORIES)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("loss", [LossName.AUTO, LossName.CROSS_ENTROPY, LossName.BINARY])
def test_two_classes_agree_whatever_the_loss(loss: LossName) -> None:
    hyperparameters = SMALL.model_copy(update={"loss": loss})
    model = drawn_winner(FEW_CATEGORIES, hyperparameters, n_classes=2, choices=ROBUST)
    found, expected = both_predictions(model, NEW, train=FEW_CATEGORIES)
    assert found.shape == (len(NEW), 2)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.parametrize("loss", [LossName.SQUARED_ERROR, LossName.HUBER])
def test_numbers_agree_in_the_targets_unit(*, log_target: bool, loss: LossName) -> None:
    hyperparameters = SMALL.model_copy(update={"loss": loss})
    model = drawn_winner(FEW_CATEGORIES, hyperparameters, n_classes=0, choices=ROBUST, log_target=log_target)
    found, expected = both_predictions(model, NEW, train=FEW_CATEGORIES)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.parametrize("weights", [(1,), (1, 3, 1)])
def test_clipped_numbers_agree(weights: tuple[int, ...], *, log_target: bool) -> None:
    hyperparameters = SMALL.model_copy(update={"clip_predictions": Switch.ON})
    clipped, plain = (
        drawn_winner(FEW_CATEGORIES, point, n_classes=0, log_target=log_target, weights=weights)
        for point in (hyperparameters, SMALL)
    )
    found, expected = both_predictions(clipped, NEW, train=FEW_CATEGORIES)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    unclipped = plain.trained.predict(plain.trained.inputs(NEW))
    assert expected.min() > unclipped.min()
    assert expected.max() < unclipped.max()


def test_probabilities_are_not_clipped() -> None:
    hyperparameters = SMALL.model_copy(update={"clip_predictions": Switch.ON})
    for point in (hyperparameters, SMALL):
        model = drawn_winner(FEW_CATEGORIES, point)
        found, expected = both_predictions(model, NEW, train=FEW_CATEGORIES)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
        assert expected.max() > 0.25


def test_a_number_beyond_all_is_the_greatest_that_is_predicted() -> None:
    model = drawn_winner(FEW_CATEGORIES, n_classes=0, log_target=True)
    found, expected = both_predictions(model, EXTREMES, train=FEW_CATEGORIES)
    (preparation,) = model.description.preparations
    assert preparation.target_scaling is not None
    assert preparation.target_scaling.high in expected
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("n_classes", "log_target"), [(2, False), (3, False), (0, False), (0, True)], ids=str
)
def test_the_average_of_several_networks_agrees(n_classes: int, *, log_target: bool) -> None:
    model = drawn_winner(FEW_CATEGORIES, n_classes=n_classes, log_target=log_target, weights=(1, 5, 2))
    alone = drawn_winner(FEW_CATEGORIES, n_classes=n_classes, log_target=log_target)
    found, expected = both_predictions(model, NEW, train=FEW_CATEGORIES)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert not np.allclose(both_predictions(alone, NEW, train=FEW_CATEGORIES)[0], expected, rtol=1e-2)
    content = onnx_content(model, {})
    assert (
        len(content)
        < len(onnx_content(alone, {})) + 2 * stacked_parameters(alone.trained.members).nbytes + 20_000
    )


def test_the_label_is_the_most_probable_class() -> None:
    model = drawn_winner(FEW_CATEGORIES)
    outputs = onnx_outputs(onnx_content(model, {}), NEW)
    names = np.array(model.description.class_names)
    assert len(set(outputs["label"])) > 1
    np.testing.assert_array_equal(outputs["label"], names[outputs["probabilities"].argmax(axis=1)])


@pytest.mark.parametrize("weights", [(1.0, 1.0, 30.0), (30.0, 1.0, 1.0)])
def test_the_label_is_decided_by_the_weights_that_the_winner_has(weights: tuple[float, ...]) -> None:
    model = drawn_winner(FEW_CATEGORIES, label_weights=weights)
    outputs = onnx_outputs(onnx_content(model, {}), NEW)
    names = np.array(model.description.class_names)
    weighted = outputs["probabilities"] * np.array(weights)
    assert np.any(weighted.argmax(axis=1) != outputs["probabilities"].argmax(axis=1))
    np.testing.assert_array_equal(outputs["label"], names[weighted.argmax(axis=1)])


def test_no_rows_give_no_predictions() -> None:
    outputs = onnx_outputs(onnx_content(drawn_winner(FEW_CATEGORIES), {}), NEW.clear())
    assert outputs["probabilities"].shape == (0, 3)
    assert outputs["label"].shape == (0,)


def test_a_row_is_predicted_alike_in_any_company() -> None:
    content = onnx_content(drawn_winner(FEW_CATEGORIES), {})
    alone = [onnx_outputs(content, NEW[row])["probabilities"][0] for row in range(3)]
    np.testing.assert_allclose(alone, onnx_outputs(content, NEW)["probabilities"][:3], rtol=0, atol=1e-6)


def test_columns_may_be_named_as_the_graphs_own_tensors_are() -> None:
    names = {"size": "probabilities", "age": "label", "color": "constant 0", "wild": "Concat 0"}
    train = FEW_CATEGORIES.select(list(names)).rename(names)
    kinds = {new: KINDS[old] for old, new in names.items()}
    model = drawn_winner(train, kinds=kinds)
    outputs = onnx_outputs(onnx_content(model, {}), train)
    network = model.trained
    expected = network.predict(network.inputs(train))
    np.testing.assert_allclose(outputs["probabilities_"], expected, rtol=0, atol=1e-5)
    assert set(outputs["label_"]) <= set(model.description.class_names)


def test_inputs_and_outputs_say_what_they_hold() -> None:
    exported = onnx_model(drawn_winner(FEW_CATEGORIES), {})
    held = {it.name: it.doc_string for it in (*exported.graph.input, *exported.graph.output)}
    assert held["sold"] == "seconds since 1970-01-01T00:00:00; NaN where missing"
    assert held["color"] == "a category, without spaces around it; empty where missing"
    assert held["probabilities"] == "of the classes ['class 0', 'class 1', 'class 2'], in this order"
    assert exported.doc_string == "Predicts y: trial 0 of study drawn."


def test_a_column_that_nothing_was_learned_from_is_no_input() -> None:
    train = FEW_CATEGORIES.with_columns(size=pl.lit(1.0))
    exported = onnx_model(drawn_winner(train), {})
    assert {it.name for it in exported.graph.input} == set(KINDS) - {"street", "size"}


def test_the_same_model_gives_the_same_bytes() -> None:
    first, again = (onnx_content(drawn_winner(TRAIN, choices=TOLD), categories_of(TRAIN)) for _ in range(2))
    assert first == again


def test_a_file_is_little_more_than_its_parameters() -> None:
    hyperparameters = NetworkPoint(depth=2, width=256)
    model = drawn_winner(FEW_CATEGORIES, hyperparameters, choices=QUANTILE)
    content = onnx_content(model, {})
    n_table_bytes = 2 * 3 * 8 * (2**10 + 1)  # quantiles and scores of three columns
    assert len(content) < stacked_parameters(model.trained.members).nbytes + n_table_bytes + 20_000
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
