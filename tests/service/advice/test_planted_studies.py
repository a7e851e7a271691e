"""Troubles that were planted are named, and noise accuses nobody: a short form of `make troubles`."""

from pathlib import Path

import pytest

from tests.service.advice.planted_studies import (
    FLOORS,
    PLANTED,
    diagnosis_of,
    is_accused,
    is_named_first,
)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_trouble_is_named_first(name: str, tmp_path: Path) -> None:
    diagnosis = diagnosis_of(PLANTED[name], seed=0, directory=tmp_path)
    assert is_named_first(PLANTED[name], diagnosis), [step.step for step in diagnosis.advice]
    for step in diagnosis.advice:
        assert step.evidence or step.step == "another architecture"


@pytest.mark.parametrize(
    "name", ["20% of the labels turned over", "noise 1 times the signal", "noise inf times the signal"]
)
def test_noise_is_not_called_avoidable_bias(name: str, tmp_path: Path) -> None:
    diagnosis = diagnosis_of(FLOORS[name], seed=0, directory=tmp_path)
    assert not is_accused(diagnosis), diagnosis.gaps
