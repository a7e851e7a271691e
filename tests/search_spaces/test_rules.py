"""A search space that contradicts itself is refused where it does."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from search_spaces.contradiction import ContradictionError
from search_spaces.network.point import NetworkPoint
from search_spaces.network.relevance import READERS
from search_spaces.network.space import FIELDS, NetworkSpace

DEPTH = {"depth": {"low": 1, "high": 4}}
OPTIMIZER = {"optimizer": {"choices": ["sgd", "momentum"]}}
MOMENTUM = {"low": 0.5, "high": 0.9}


def _contradiction(written: dict[str, Any]) -> ContradictionError:
    with pytest.raises(ValidationError, match="Value error") as caught:
        NetworkSpace.model_validate(written)
    error = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(error, ContradictionError)
    return error


@pytest.mark.parametrize(
    ("written", "path", "rule"),
    [
        ({"learning_rat": 0.1}, "learning_rat", "no such hyperparameter; did you mean learning_rate?"),
        ({"keep_prob": {"low": 0.5, "high": 1.5}}, "keep_prob.high", "above 0 and at most 1, got 1.5"),
        ({"keep_prob": {"low": 0.0, "high": 1.0}}, "keep_prob.low", "above 0 and at most 1, got 0.0"),
        (
            {"depth": {"low": 0, "high": 3}},
            "depth.low",
            "a whole number of at least 1 and at most 8, got 0",
        ),
        ({"depth": {"choices": [1, 2.5]}}, "depth.choices", "got 2.5"),
        ({"depth": {"kind": "float", "low": 1, "high": 3}}, "depth.low", "a whole number"),
        ({"optimizer": {"choices": ["adm", "sgd"]}}, "optimizer.choices", 'got "adm"; did you mean adam?'),
        ({"batch_size": "64"}, "batch_size", 'a whole number of at least 1, got "64"'),
        (
            {"optimizer": 3},
            "optimizer",
            "expected one of sgd, momentum, nesterov, rmsprop, adam, adamw, got 3",
        ),
        ({"optimizer": ["sgd"]}, "optimizer", "expected a choice written as optimizer = { choices = [...] }"),
        (
            {"momentum": {**MOMENTUM, "when": {"optimizer": ["momentum"]}}, **OPTIMIZER},
            "momentum.when.optimizer",
            "expected a condition on an earlier dimension: move optimizer before momentum",
        ),
        (
            {"momentum": {**MOMENTUM, "when": {"optimizer": ["momentum"]}}},
            "momentum.when.optimizer",
            "expected a condition on a dimension of this space, got optimizer",
        ),
        (
            {**OPTIMIZER, "momentum": {**MOMENTUM, "when": {"optimiser": ["momentum"]}}},
            "momentum.when.optimiser",
            "no such dimension; did you mean optimizer?",
        ),
        (
            {"momentum": {**MOMENTUM, "when": {"momentum": {"at_least": 0.6}}}},
            "momentum.when.momentum",
            "a dimension cannot depend on itself",
        ),
        (
            {**OPTIMIZER, "momentum": {**MOMENTUM, "when": {"optimizer": ["momentun"]}}},
            "momentum.when.optimizer",
            'optimizer is never "momentun": it is sgd, momentum; did you mean momentum?',
        ),
        (
            {**DEPTH, "keep_prob": {"low": 0.5, "high": 1, "when": {"depth": {"at_least": 5}}}},
            "keep_prob.when.depth",
            "the condition can never hold: depth >= 5, where depth is 1 to 4",
        ),
        (
            {**OPTIMIZER, "momentum": {**MOMENTUM, "when": {"optimizer": {"at_least": 1}}}},
            "momentum.when.optimizer",
            "the condition can never hold: optimizer >= 1",
        ),
        (
            {
                **DEPTH,
                "width_3": {"low": 8, "high": 16, "when": {"depth": {"at_least": 3}}},
                "keep_prob": {"low": 0.5, "high": 1, "when": {"width_3": {"at_most": 9}, "depth": [1, 2]}},
            },
            "keep_prob.when",
            "the conditions can never hold together: depth >= 3, depth = 1 or 2",
        ),
        (
            {**DEPTH, "width_3": {"low": 8, "high": 16}},
            "width_3",
            "layer 3 needs depth >= 3, and depth may be 1; add when = { depth = { at_least = 3 } }",
        ),
        (
            {**DEPTH, "width_3": {"low": 8, "high": 16, "when": {"depth": {"at_least": 2}}}},
            "width_3",
            "layer 3 needs depth >= 3, and depth may be 2",
        ),
        ({"width_3": 16}, "width_3", "layer 3 needs depth >= 3, and depth may be 2"),
        ({"depth": 1, "width_2": 16}, "width_2", "layer 2 needs depth >= 2, and depth may be 1"),
        (
            {**OPTIMIZER, "depth": {"low": 3, "high": 4, "when": {"optimizer": "sgd"}}, "width_3": 16},
            "width_3",
            "layer 3 needs depth >= 3, and depth may be 2",
        ),
    ],
)
def test_each_contradiction_is_refused_where_it_is_written(
    written: dict[str, Any], path: str, rule: str
) -> None:
    error = _contradiction(written)
    assert ".".join(error.path) == path
    assert rule in error.rule


@pytest.mark.parametrize(
    "written",
    [
        {"depth": 3, "width_3": 16},
        {"width_2": 16},
        {"depth": {"low": 3, "high": 5}, "width_3": {"low": 8, "high": 16}},
        {"depth": {"choices": [4, 2]}, "width_4": {"value": 8, "when": {"depth": {"at_least": 3}}}},
        {**OPTIMIZER, "momentum": {**MOMENTUM, "when": {"optimizer": ["momentum"]}}},
    ],
)
def test_a_space_without_contradiction_is_accepted(written: dict[str, Any]) -> None:
    assert tuple(NetworkSpace.model_validate(written).dimensions) == tuple(written)


def test_an_unknown_key_of_a_dimension_is_an_error() -> None:
    with pytest.raises(ValidationError, match=re.escape("depth.integer.hihg\n  Extra inputs")):
        NetworkSpace.model_validate({"depth": {"low": 1, "hihg": 3, "high": 4}})


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValidationError, match="'float', 'integer', 'categorical', 'constant'"):
        NetworkSpace.model_validate({"depth": {"kind": "int", "low": 1, "high": 4}})


READ = {"low": 0.5, "high": 0.9}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            {"momentum": READ},
            'optimizer may be adam; add when = { optimizer = ["momentum", "nesterov"] }',
        ),
        ({"optimizer": {"choices": ["momentum", "sgd"]}, "momentum": READ}, "and optimizer may be sgd"),
        ({"optimizer": "rmsprop", "beta_2": READ}, "and optimizer may be rmsprop"),
        ({"weight_decay": 0.3}, "weight_decay: read only where optimizer = adamw, and optimizer may be adam"),
        ({"optimizer": {"choices": ["sgd", "adam"]}, "momentum": 0.9}, "and optimizer may be sgd"),
        ({"activation": {"choices": ["leaky_relu", "tanh"]}, "leaky_slope": READ}, "activation may be tanh"),
        (
            {
                "depth": {"low": 1, "high": 3},
                "optimizer": {"choices": ["momentum"], "when": {"depth": 2}},
                "momentum": READ,
            },
            "and optimizer may be adam",
        ),
    ],
)
def test_what_nothing_would_read_is_not_searched(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        NetworkSpace.model_validate(written)


@pytest.mark.parametrize(
    "written",
    [
        {"optimizer": {"choices": ["momentum", "nesterov"]}, "momentum": READ},
        {
            "optimizer": {"choices": ["momentum", "sgd"]},
            "momentum": {**READ, "when": {"optimizer": "momentum"}},
        },
        {"optimizer": "nesterov", "momentum": READ},
        {"beta_2": READ},  # the default optimizer reads it
        {"optimizer": {"choices": ["adam", "momentum"]}, "momentum": 0.9},  # fixed, it costs nothing
        {
            "depth": {"low": 1, "high": 3},
            "optimizer": {"choices": ["momentum"], "when": {"depth": 2}},
            "momentum": {**READ, "when": {"optimizer": "momentum"}},
        },
    ],
)
def test_what_is_read_wherever_it_is_searched_is_accepted(written: dict[str, object]) -> None:
    NetworkSpace.model_validate(written)


def test_readers_name_hyperparameters_and_words_that_exist() -> None:
    for name, reader in READERS.items():
        assert name in NetworkPoint.model_fields
        assert set(reader.values) <= set(FIELDS.choices_of(reader.other))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"l1_step": {"choices": ["proximal", "subgradient"]}}, "read only where l1_lambda > 0"),
        ({"l1_lambda": 0.0, "l1_step": {"choices": ["proximal", "subgradient"]}}, "and l1_lambda is 0"),
        (
            {"keep_prob": 1.0, "regularization_schedule": {"choices": ["constant", "flat_cosine"]}},
            "read only where keep_prob < 1 or input_keep_prob < 1 or weight_decay > 0, and keep_prob is 1",
        ),
        ({"feature_scale_rate": 6.0}, "read only where feature_scale = on, and feature_scale may be off"),
        (
            {"activation_mix_rate": {"low": 0.1, "high": 1.0}, "activation_mix": {"choices": ["off", "on"]}},
            "read only where activation_mix = on, and activation_mix may be off",
        ),
        ({"batch_normalization": "on", "batch_size": 1}, "needs a batch_size of 2 or more"),
        (
            {"batch_normalization": {"choices": ["off", "on"]}, "batch_size": {"low": 1, "high": 64}},
            "and batch_size may be 1",
        ),
    ],
)
def test_what_cannot_be_trained_together_is_not_searched(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        NetworkSpace.model_validate(written)


@pytest.mark.parametrize(
    "written",
    [
        {"l1_lambda": 0.1, "l1_step": {"choices": ["proximal", "subgradient"]}},
        {"keep_prob": 0.9, "regularization_schedule": {"choices": ["constant", "flat_cosine"]}},
        {
            "optimizer": "adamw",
            "weight_decay": {"low": 0.01, "high": 0.1},
            "regularization_schedule": {"choices": ["constant", "flat_cosine"]},
        },
        {"feature_scale": "on", "feature_scale_rate": 6.0},
        {"batch_normalization": "on", "batch_size": {"low": 2, "high": 64}},
        {
            "batch_size": {"choices": [1, 2]},
            "batch_normalization": {"choices": ["off", "on"], "when": {"batch_size": 2}},
        },
    ],
)
def test_what_can_be_trained_together_is_searched(written: dict[str, Any]) -> None:
    NetworkSpace.model_validate(written)


def test_a_point_has_no_batch_normalization_of_single_examples() -> None:
    with pytest.raises(ValidationError, match="needs a batch_size of 2 or more, got batch_size = 1"):
        NetworkPoint.model_validate({"batch_normalization": "on", "batch_size": 1})
