"""The three import names are plain words that any other distribution might bring: they must be ours."""

import importlib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.checkout import ROOMS, ROOT


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_imported_from_this_checkout(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__) == ROOT / room / "__init__.py"


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_distribution_brings_a_room_of_that_name(room: str) -> None:
    assert set(packages_distributions().get(room, ["proctor"])) == {"proctor"}
