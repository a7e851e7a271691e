"""What is averaged is asked for, and refused where it cannot be."""

from typing import Any

import pytest
from pydantic import ValidationError

from service.configuration.study_config import StudyConfig
from service.configuration.study_file import problems


def config(**changes: Any) -> StudyConfig:  # noqa: ANN401 (any field of the configuration)
    return StudyConfig.model_validate({"data": {"table": "iris"}, **changes})


def refusal(**changes: Any) -> str:  # noqa: ANN401 (any field of the configuration)
    with pytest.raises(ValidationError, match=r"ensemble|average|refit") as refused:
        config(**changes)
    (problem,) = problems(refused.value, StudyConfig)
    return f"{problem.place}: {problem.sentence}"


def test_it_is_off_unless_it_is_asked_for() -> None:
    assert not config().confirmation.ensemble
    assert config(confirmation={"ensemble": True}).confirmation.ensemble


def test_without_finalists_trials_are_averaged() -> None:
    assert config(confirmation={"finalists": 0, "ensemble": True}).confirmation.ensemble


def test_a_refit_is_of_folds() -> None:
    said = refusal(confirmation={"refit": True})
    assert said.startswith("confirmation.refit: needs folds: ")
    assert config(confirmation={"refit": True, "ensemble": True}, split={"folds": 3}).confirmation.refit


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    assert refusal(confirmation={"ensemble": 1}) == "confirmation.ensemble: expected true or false, got 1"
