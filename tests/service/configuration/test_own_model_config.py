"""A model of one's own in a study file: where its code lies, what it trains like, what editors accept."""

import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from service.configuration.model_config import ModelConfig
from service.configuration.own_model import CodePlace
from service.configuration.study_config import StudyConfig
from service.configuration.study_file import read_study_file
from service.configuration.study_writing import study_schema, written_study
from service.errors import BadInputError

STUDY = """
[data]
table = "digits"
[model]
estimator = "my_models:make"
[space]
depth_of_trees = { low = 2, high = 9 }
"""


def read(directory: Path, text: str = STUDY) -> StudyConfig:
    (directory / "study.toml").write_text(text)
    return read_study_file(directory / "study.toml", {})[0]


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("my_models:make", "my_models.py"),
        ("parts.trees:make", "parts/trees.py"),
        ("parts/trees.py:make", "parts/trees.py"),
        ("/elsewhere/my models.py:make", "/elsewhere/my models.py"),
    ],
)
def test_code_is_looked_for_beside_the_study_file(tmp_path: Path, written: str, file: str) -> None:
    config = read(tmp_path, STUDY.replace("my_models:make", written))
    assert config.model.kind == "own"
    assert config.model.code == f"{tmp_path / file}:make"


@pytest.mark.parametrize("written", ["my_models", "my_models.make", ":make", "my-models:make", "models:2", 3])
def test_what_names_no_code_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="estimator"):
        ModelConfig.model_validate({"estimator": written})


def test_an_estimator_is_fitted_once_and_a_learner_learns_in_epochs(tmp_path: Path) -> None:
    assert read(tmp_path).training.max_epochs == 1
    learner = read(tmp_path, STUDY.replace("estimator", "learner"))
    assert (learner.training.max_epochs, learner.training.patience) == (60, 10)


def test_a_study_is_written_as_it_is_read_without_the_checksum(tmp_path: Path) -> None:
    config = read(tmp_path)
    kept = config.model_copy(update={"model": config.model.model_copy(update={"sha256": "0" * 64})})
    assert StudyConfig.model_validate_json(kept.model_dump_json()) == kept
    assert read(tmp_path, written_study(kept, header=[], reasons={})) == config


def test_an_absolute_place_stays_where_it_is() -> None:
    assert CodePlace.of("/a/b.py:c").anchored(Path("/d")) == "/a/b.py:c"


@pytest.mark.parametrize(
    ("study", "is_valid"),
    [
        (STUDY, True),
        (STUDY.replace("{ low = 2, high = 9 }", '"deep"'), True),
        (STUDY.replace("high", "hihg"), False),
        (STUDY.replace('estimator = "my_models:make"', 'kind = "network"'), False),
        (STUDY.replace('[model]\nestimator = "my_models:make"', ""), False),
    ],
)
def test_editors_accept_any_argument_of_a_model_of_ones_own_alone(study: str, *, is_valid: bool) -> None:
    assert Draft202012Validator(study_schema()).is_valid(tomllib.loads(study)) == is_valid


def test_it_takes_no_part_in_a_contest(tmp_path: Path) -> None:
    contest = (
        'contest = ["network", { model = { estimator = "my_models:make" }, space = { depth = { low = 1, high'
        " = 2 } } }]\n[data]\ntable = 'digits'\n"
    )
    with pytest.raises(BadInputError, match="contest: expected kinds of model that come with Proctor, got"):
        read(tmp_path, contest)
