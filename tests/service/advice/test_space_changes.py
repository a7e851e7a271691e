"""Each step changes what it is about, keeps the best points, and makes no space that contradicts itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.dimensions import ConstantDimension
from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import FIELDS, NetworkSpace
from search_spaces.presets import load_preset, preset_names
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from service.advice.advised_steps import StepKind
from service.advice.findings import Finding, FindingKind
from service.advice.space_changes import SEARCHABLE, Searched, changes_of, moved, narrowed

DEFAULT = load_preset(NetworkSpace, "default")


def searched(
    space: SearchSpace,
    *findings: Finding,
    has_images: bool = False,
    **values: Any,  # noqa: ANN401
) -> Searched:
    point = space.completed(values)
    return Searched(space, NetworkPoint.of(space.point(point)), [point] * 5, findings, has_images)


def changed(step: StepKind, what: Searched) -> dict[str, Any]:
    return {change.name: change.dimension for change in changes_of(step, what)}


def edge(name: str, position: float) -> Finding:
    return Finding(
        kind=FindingKind.EDGE_OF_RANGE,
        hyperparameter=name,
        is_upward=position > 0.5,
        text="at an end",
        evidence={},
    )


def test_a_range_is_moved_by_half_its_length_towards_the_end() -> None:
    what = searched(DEFAULT, edge("learning_rate", 0.97), learning_rate=0.028)
    up = changed(StepKind.MOVE_SPACE, what)["learning_rate"]
    assert (up.low, up.high, up.log, up.default) == (0.003, 0.3, True, 0.003)
    what = searched(DEFAULT, edge("learning_rate", 0.02), learning_rate=0.00031)
    down = changed(StepKind.MOVE_SPACE, what)["learning_rate"]
    assert (down.low, down.high, down.default) == (3e-5, 0.003, 0.003)


def test_a_bigger_network_has_room_above_the_winner_and_a_smaller_one_below() -> None:
    what = searched(DEFAULT, width=200, depth=3)
    bigger = changed(StepKind.BIGGER_NETWORK, what)
    assert (bigger["width"].low, bigger["width"].high, bigger["width"].log) == (100, 800, True)
    assert (bigger["depth"].low, bigger["depth"].high) == (2, 5)
    smaller = changed(StepKind.SMALLER_NETWORK, what)
    assert (smaller["width"].low, smaller["width"].high) == (50, 200)
    assert (smaller["depth"].low, smaller["depth"].high) == (1, 3)


def test_a_network_of_fixed_size_gets_ranges() -> None:
    fixed = NetworkSpace.model_validate({"width": 2, "depth": 1, "learning_rate": {"low": 0.1, "high": 1}})
    bigger = changed(StepKind.BIGGER_NETWORK, searched(fixed))
    assert (bigger["width"].low, bigger["width"].high) == (1, 8)
    assert isinstance(changed(StepKind.SMALLER_NETWORK, searched(fixed))["depth"], ConstantDimension)


def test_what_is_lacking_is_added_and_what_is_there_made_stronger() -> None:
    plain = NetworkSpace.model_validate({"learning_rate": {"low": 1e-3, "high": 1e-1, "log": True}})
    assert set(changed(StepKind.MORE_REGULARIZATION, searched(plain))) == {"l2_lambda", "keep_prob"}
    stronger = changed(StepKind.MORE_REGULARIZATION, searched(DEFAULT, l2_lambda=50.0))
    assert (stronger["l2_lambda"].low, stronger["l2_lambda"].high) == (1.0, 1e4)
    assert set(changed(StepKind.AUGMENTATION, searched(plain))) == {"noise_deviation", "mixup_alpha"}
    of_images = changed(StepKind.AUGMENTATION, searched(plain, has_images=True))
    assert set(of_images) == {"shift_fraction", "rotation_degrees", "zoom_fraction"}
    other = changed(StepKind.ANOTHER_ARCHITECTURE, searched(DEFAULT))
    assert set(other) == {"batch_normalization", "numeric_encoding"}


def test_a_search_of_deep_networks_that_break_off_becomes_shallower() -> None:
    evidence = {"depth": 2.0}
    kind = FindingKind.DEEP_NETWORKS_BREAK_OFF
    broken = Finding(kind=kind, hyperparameter="depth", text="they broke off", evidence=evidence)
    (depth,) = changed(StepKind.MEND_FAILURES, searched(DEFAULT, broken, depth=1)).values()
    assert (depth.low, depth.high) == (1, 2)


@pytest.mark.parametrize(
    ("step", "fixed"),
    [
        (StepKind.ANOTHER_ARCHITECTURE, {"activation": "leaky_relu"}),
        (StepKind.MORE_REGULARIZATION, {"l2_lambda": 0.001}),
        (StepKind.MORE_REGULARIZATION, {"keep_prob": 0.4}),
        (StepKind.MORE_REGULARIZATION, {"l2_lambda": 500.0}),
    ],
)
def test_what_was_fixed_is_among_what_is_searched_next(step: StepKind, fixed: dict[str, Any]) -> None:
    space = NetworkSpace.model_validate({"learning_rate": {"low": 0.1, "high": 1}, **fixed})
    ((name, value),) = fixed.items()
    assert changed(step, searched(space))[name].contains(value)


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
@pytest.mark.parametrize("step", SEARCHABLE)
def test_the_best_point_lies_in_what_is_changed(name: str, step: StepKind) -> None:
    space = load_preset(NetworkSpace, name)
    what = searched(space, edge("learning_rate", 0.99), edge("width", 0.9))
    for change in changes_of(step, what):
        value = getattr(what.winner, change.name)
        dimension = change.dimension
        if change.name not in ("l2_lambda", "l1_lambda", "weight_decay"):  # a log range has no 0
            assert dimension.contains(value), change


def test_ranges_are_narrowed_to_the_best_trials_with_room_around_them() -> None:
    what = searched(DEFAULT, width=64, depth=4, l2_lambda=100.0, learning_rate=3e-3)
    found = {change.name: change.dimension for change in narrowed(what, others={"depth"})}
    assert "depth" not in found
    assert isinstance(found["width"], IntegerDimension)
    assert 16 < found["width"].low < 64 < found["width"].high < 256
    assert isinstance(found["l2_lambda"], FloatDimension)
    assert found["l2_lambda"].high == 100
    assert found["l2_lambda"].low == pytest.approx(10, rel=0.05)
    assert found["l2_lambda"].default is None  # 1 is not in it any more
    spread = Searched(
        DEFAULT, what.winner, [{"learning_rate": value} for value in (3e-4, 3e-3, 3e-2)], (), has_images=False
    )
    assert not list(narrowed(spread, others=()))


@pytest.mark.parametrize(
    ("name", "dimension"),
    [
        ("keep_prob", FloatDimension(low=0.5, high=0.9)),
        ("momentum", FloatDimension(low=0.5, high=0.99)),
        ("input_keep_prob", FloatDimension(low=0.1, high=0.6)),
        ("rotation_degrees", FloatDimension(low=0.0, high=170.0)),
        ("width", IntegerDimension(low=1, high=8000)),
        ("depth", IntegerDimension(low=1, high=7)),
    ],
)
@given(shift=st.floats(-1.5, 1.5))
def test_a_moved_range_stays_within_what_is_allowed(
    name: str, dimension: FloatDimension | IntegerDimension, shift: float
) -> None:
    there = moved(name, dimension, low=shift, high=1 + shift, values=[dimension.middle], fields=FIELDS)
    low, high = FIELDS.limits_of(name)
    assert low <= there.low <= dimension.middle <= there.high <= high
    NetworkSpace.model_validate({"optimizer": "momentum", name: there.model_dump()})
