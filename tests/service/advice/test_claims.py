"""What the next study's file says that it changed is what it changed: for every step and any space."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.dimensions import ConstantDimension
from search_spaces.network.point import NetworkPoint
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from search_spaces.ranges import FloatDimension, IntegerDimension
from service.advice.advised_steps import StepKind
from service.advice.findings import Finding, FindingKind
from service.advice.next_study import next_space
from service.advice.space_changes import SEARCHABLE, Change, Claim, Searched, changes_of

OF_DROPOUT = ("keep_prob", "input_keep_prob")


@st.composite
def searches(draw: st.DrawFn) -> Searched:
    """Draw a space, its best points anywhere in it, and findings of any kind."""
    space = draw(st.sampled_from([load_preset(NetworkSpace, name) for name in preset_names(NetworkSpace)]))
    if draw(st.booleans()):  # any size of network, searched or not
        low, high = sorted((draw(st.integers(1, 600)), draw(st.integers(1, 8000))))
        depths = sorted((draw(st.integers(1, 6)), draw(st.integers(1, 8))))
        size: dict[str, Any] = {
            "width": low if low == high else {"low": low, "high": high, "log": True},
            "depth": depths[0] if depths[0] == depths[1] else {"low": depths[0], "high": depths[1]},
        }
        kept = {
            name: of.model_dump()
            for name, of in space.dimensions.items()
            if not name.startswith(("width", "depth"))
        }
        space = NetworkSpace.model_validate({**size, **kept})
    ranges = {
        name: of
        for name, of in space.dimensions.items()
        if isinstance(of, FloatDimension | IntegerDimension) and of.low < of.high
    }
    place = {name: draw(st.floats(0, 1)) for name in ranges}

    def value(name: str, at: float) -> float | int:
        own = ranges[name]
        if isinstance(own, IntegerDimension):
            return own.low + own.step * round((own.at(at) - own.low) / own.step)
        return min(max(own.at(at), own.low), own.high)

    best = [
        space.completed({name: value(name, min(max(at + shift, 0), 1)) for name, at in place.items()})
        for shift in (0.0, 0.05, -0.05)
    ]
    names = draw(st.lists(st.sampled_from(sorted(ranges)), max_size=2, unique=True)) if ranges else []
    findings = [
        Finding(kind=FindingKind.EDGE_OF_RANGE, hyperparameter=name, is_upward=up, text="an end", evidence={})
        for name in names
        for up in [draw(st.booleans())]
    ]
    findings.append(
        Finding(
            kind=FindingKind.DEEP_NETWORKS_BREAK_OFF,
            hyperparameter="depth",
            text="they broke off",
            evidence={"depth": float(draw(st.integers(1, 6)))},
        )
    )
    settled = st.frozensets(st.sampled_from(["width", "depth", "l2_lambda", "keep_prob"]))
    return Searched(
        space,
        NetworkPoint.of(space.point(best[0])),
        best,
        findings,
        draw(st.booleans()),
        larger=draw(settled),
        smaller=draw(settled),
    )


def ends(dimension: Any) -> tuple[float, float]:  # noqa: ANN401 (any dimension of numbers)
    if isinstance(dimension, ConstantDimension):
        return float(dimension.value), float(dimension.value)
    return float(dimension.low), float(dimension.high)


def check(claim: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], what: Searched) -> None:
    """Hold what is written against the words, by hand."""
    if claim == "added":
        assert name not in old or isinstance(old[name], ConstantDimension)
        assert not isinstance(new[name], ConstantDimension)
        return
    own = float(getattr(what.winner, name))
    (low, high), (new_low, new_high) = ends(old[name]) if name in old else (own, own), ends(new[name])
    match claim:
        case "enlarged":
            assert new_high > high
        case "made smaller":
            assert new_low < low or new_high < high
        case "made shallower":
            assert new_high < high
        case "made stronger":
            assert new_low < low if name in OF_DROPOUT else new_high > high
        case "moved":
            assert new_low < low or new_high > high
        case "narrowed":
            assert low <= new_low
            assert new_high <= high
            assert (low, high) != (new_low, new_high)
        case _:
            pytest.fail(f"nobody knows what {claim!r} says")


@pytest.mark.parametrize("step", SEARCHABLE)
@given(what=searches())
def test_what_is_said_of_a_change_is_true_of_what_is_written(step: StepKind, what: Searched) -> None:
    space, reasons = next_space(what, changes_of(step, what))
    for key, reason in reasons.items():
        name = key.removeprefix("space.")
        check(reason.split(":")[0], name, what.space.dimensions, space.dimensions, what)
    for name in space.dimensions:
        if f"space.{name}" not in reasons:
            assert space.dimensions[name] == what.space.dimensions[name]


@given(what=searches())
def test_a_bigger_network_is_written_nowhere_that_larger_ones_did_no_better(what: Searched) -> None:
    own = {change.name for change in changes_of(StepKind.BIGGER_NETWORK, what)}
    assert not own & what.larger
    assert not {change.name for change in changes_of(StepKind.SMALLER_NETWORK, what)} & what.smaller


def test_a_range_that_would_be_smaller_is_not_called_enlarged() -> None:
    """16 to 256 around a winner of 45 units became 18 to 180, and was called enlarged."""
    space = NetworkSpace.model_validate({"width": {"low": 16, "high": 256, "log": True}, "depth": 2})
    what = Searched(space, space.point({"width": 45}), [{"width": 45}] * 5, (), has_images=False)
    bigger = next_space(what, changes_of(StepKind.BIGGER_NETWORK, what))[0].dimensions["width"]
    assert isinstance(bigger, IntegerDimension)
    assert bigger.high > 256
    smaller = IntegerDimension(low=18, high=180, log=True)
    false = Change("width", smaller, Claim.ENLARGED, "the train set is not fitted")
    changed, reasons = next_space(what, [false])
    assert "space.width" not in reasons or reasons["space.width"].startswith("narrowed")
    assert changed.dimensions["width"] != smaller
