"""Troubles that were planted are named first: a short form of `make troubles`, which has ten seeds."""

from pathlib import Path

import pytest

from tests.service.diagnosis.planted_studies import PLANTED, diagnosis_of, is_named_first


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_trouble_is_named_first(name: str, tmp_path: Path) -> None:
    diagnosis = diagnosis_of(PLANTED[name], seed=0, directory=tmp_path)
    assert is_named_first(PLANTED[name], diagnosis), [step.step for step in diagnosis.advice]
    for step in diagnosis.advice:
        assert step.evidence or step.step == "another architecture"
