"""A space written on top of a built-in one."""

from typing import Any

import pytest
from pydantic import ValidationError

from search_spaces.contradiction import ContradictionError
from search_spaces.derivation import derived_space, with_fixed
from search_spaces.dimensions import ConstantDimension
from search_spaces.network.point import NetworkPoint, Optimizer
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset
from search_spaces.space import SearchSpace


def _space(written: object) -> SearchSpace:
    return NetworkSpace.model_validate(derived_space(written, NetworkSpace))


def test_a_text_names_a_built_in_space() -> None:
    assert _space("small") == load_preset(NetworkSpace, "small")


def test_a_table_without_a_base_is_the_whole_space() -> None:
    assert tuple(_space({"depth": 2}).dimensions) == ("depth",)


def test_own_dimensions_stand_in_the_bases_place_and_new_ones_after() -> None:
    space = _space({"base": "small", "l1_lambda": 0.5, "depth": {"low": 1, "high": 8}})
    assert tuple(space.dimensions) == (*load_preset(NetworkSpace, "small").dimensions, "l1_lambda")
    assert str(space.dimensions["depth"]) == "1 to 8"


def test_a_dimension_of_the_base_that_can_no_longer_be_active_is_left_out() -> None:
    space = _space({"base": "optimizers", "optimizer": "adam"})
    assert space.dimensions["optimizer"] == ConstantDimension(value="adam")
    assert "momentum" not in space.dimensions


def test_a_dimension_of_the_base_that_can_still_be_active_stays() -> None:
    assert "momentum" in _space({"base": "optimizers", "optimizer": "momentum"}).dimensions


def test_a_condition_of_the_base_loses_what_can_no_longer_be() -> None:
    space = _space({"base": "optimizers", "optimizer": {"choices": ["sgd", "nesterov", "adam"]}})
    assert str(space.dimensions["momentum"].when["optimizer"]) == "= nesterov"
    assert str(space.dimensions["beta_2"].when["optimizer"]) == "= adam"
    assert "squares_decay" not in space.dimensions


def test_a_constant_of_the_base_that_nothing_reads_any_more_is_left_out() -> None:
    assert "beta_2" in _space({"base": "default"}).dimensions
    assert "beta_2" not in _space({"base": "default", "optimizer": "sgd"}).dimensions


def test_an_own_dimension_that_can_never_be_active_is_refused() -> None:
    written = {
        "base": "optimizers",
        "optimizer": "adam",
        "momentum": {"value": 0.5, "when": {"optimizer": "sgd"}},
    }
    with pytest.raises(ValidationError, match='optimizer is never "sgd": it is adam'):
        _space(written)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("smal", r"no built-in search space 'smal'; did you mean small\?"),
        ({"base": "smal"}, "base: no built-in search space 'smal'"),
        ({"base": 3}, "base: expected the name of a built-in search space, got 3"),
        (["small"], "expected the name of a built-in search space or a table of dimensions, got a list"),
        ({"base": "small", "dept": 2}, r"dept: no such hyperparameter; did you mean depth\?"),
    ],
)
def test_what_is_no_space_is_refused(written: Any, message: str) -> None:  # noqa: ANN401 - as a user may write it
    with pytest.raises(ContradictionError, match=message):
        _space(written)


def test_a_wrong_dimension_on_a_base_is_refused_at_its_place() -> None:
    with pytest.raises(ValidationError, match=r"(?m)^depth\.integer\.high"):
        _space({"base": "default", "depth": {"low": 1}})


def test_a_hyperparameter_is_fixed_with_what_depends_on_it() -> None:
    space = NetworkSpace.model_validate(
        {
            "optimizer": {"choices": ["momentum", "adam"]},
            "momentum": {"low": 0.5, "high": 0.9, "when": {"optimizer": ["momentum"]}},
            "width": {"low": 8, "high": 16, "when": {"optimizer": ["momentum", "adam"]}},
        }
    )
    fixed = with_fixed(space, "optimizer", "adam")
    assert fixed.searched_names == ("width",)
    assert fixed.point({"width": 9}) == NetworkPoint(optimizer=Optimizer.ADAM, width=9)
    assert with_fixed(space, "depth", 3).point(space.default_values()).model_dump()["depth"] == 3
