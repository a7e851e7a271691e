"""The study file to begin from is complete, and says what its absence would."""

import re
import tomllib
from pathlib import Path

import pytest

from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.search_config import PrunerConfig, SamplerConfig
from service.configuration.study_config import (
    BudgetConfig,
    ConfirmationConfig,
    StudyConfig,
    TrainingConfig,
    TrialLimitsConfig,
)
from service.configuration.study_file import read_study_file, study_from_flags
from service.configuration.study_writing import study_template


def test_it_reads_back_to_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(study_template())
    assert read_study_file(path, {}) == study_from_flags({"data.table": "digits"})


@pytest.mark.parametrize("target", ["price", 'a "quoted" \\ na\x7fme é'])
def test_it_carries_the_table_and_the_target(tmp_path: Path, target: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(study_template("sub dir/prices.csv", target=target))
    study, _ = read_study_file(path, {})
    assert (study.data.table, study.data.target) == (str(tmp_path / "sub dir/prices.csv"), target)


def test_every_option_stands_in_it() -> None:
    text = study_template()
    written = {*re.findall(r"(?m)^(?:# )?(\w+) = ", text), *re.findall(r"(?m)^#   (\w+) \(", text)}
    models = (
        StudyConfig,
        DataConfig,
        SplitConfig,
        SamplerConfig,
        TrainingConfig,
        PrunerConfig,
        BudgetConfig,
        ConfirmationConfig,
        TrialLimitsConfig,
        LaunchConfig,
    )
    options = {name for model in models for name in model.model_fields}
    tables = {*re.findall(r"(?m)^\[(\w+)\]$", text), "columns"}
    assert options - tables <= written


def test_every_option_has_its_comment_before_it() -> None:
    lines = study_template().splitlines()
    options = [number for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]
    assert options
    assert all(lines[number - 1].startswith("# ") for number in options)


def test_what_is_commented_out_is_right_too(tmp_path: Path) -> None:
    text = study_template()
    uncommented = re.sub(r"(?m)^# (?=\w+ = |\[)", "", text).replace('space = "default"\n', "", 1)
    path = tmp_path / "study.toml"
    path.write_text(uncommented)
    study, launch = read_study_file(path, {})
    assert study.space.dimensions["width_3"].when
    assert (study.concurrency, launch.workers) == (8, 2)
    assert set(tomllib.loads(uncommented)) == {*StudyConfig.model_fields, "launch"}
