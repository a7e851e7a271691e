"""A study that is written reads as the same study."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from search_spaces.network.space import NetworkSpace
from search_spaces.presets import preset_names
from service.configuration.study_config import StudyConfig
from service.configuration.study_file import read_study_file
from service.configuration.study_writing import toml_value, written_study
from service.tables.said_column import toml_key

STUDIES: list[dict[str, Any]] = [
    {},
    {"seed": 7, "search_seed": 9, "trials": 12, "metric": "roc_auc", "warm_start": "earlier", "name": "x"},
    {"sampler": {"kind": "random"}, "pruner": {"kind": "median"}, "budget": {"epochs": 400}},
    {"sampler": {"kind": "grid"}, "space": {"width": {"choices": [8, 16]}, "depth": 1}, "trials": 2},
    {"columns": {"pixel_*": "image", 'odd "name"': "ignore"}, "split": {"no_test": True}},
    {"columns": {"born": {"kind": "date", "format": "%d/%m/%Y"}, "a b": {"missing": ["--", -999]}}},
    {"columns": {"price": {"kind": "numeric", "thousands": ".", "unit": "EUR"}}},
    {"data": {"table": "iris", "missing": ["--", -1]}, "split": {"no_test": True}},
    {"data": {"table": "/data/a b.csv", "target": 'the "price"', "image_shape": [2, 2, 1]}},
    {"contest": ["network", "boosting", "linear"]},
    {"contest": ["boosting", "network"], "training": {"max_epochs": 60}},
    {"contest": [{"model": "network", "space": {"width": {"low": 4, "high": 8}}}, "linear"]},
    {"model": "boosting", "training": {"max_epochs": 60, "patience": 10}},
    *({"space": name} for name in preset_names(NetworkSpace)),
]


@pytest.mark.parametrize("given", STUDIES)
def test_it_reads_as_the_same_study(given: dict[str, Any], tmp_path: Path) -> None:
    config = StudyConfig.model_validate({"data": {"table": "iris"}, **given})
    text = written_study(config, header=["A study."], reasons={})
    path = tmp_path / "next.toml"
    path.write_text(text, encoding="utf-8")
    assert read_study_file(path, {})[0] == config


def test_reasons_stand_above_what_they_are_of() -> None:
    config = StudyConfig.model_validate({"data": {"table": "iris"}, "training": {"max_epochs": 90}})
    reasons = {"training.max_epochs": "they were\nstill getting better", "space.width": "moved"}
    lines = written_study(config, header=["Why:", "because"], reasons=reasons).split("\n")
    assert lines[:2] == ["# Why:", "# because"]
    place = lines.index("max_epochs = 90")
    assert lines[place - 1] == "# they were still getting better"
    (width,) = (place for place, line in enumerate(lines) if line.startswith("width ="))
    assert lines[width - 1] == "# moved"


@pytest.mark.parametrize(
    "value", ["", 'a "b"', "del \x7f", "ä\n", 1, 2.5, 1e-30, True, [1, "x"], {"a b": {"c": [1.5]}, "d": "e"}]
)
def test_values_are_toml(value: object) -> None:
    assert tomllib.loads(f"x = {toml_value(value)}") == {"x": value}


@pytest.mark.parametrize("key", ["plain_key-2", "", "a.b", "ä", 'q"'])
def test_keys_are_toml(key: str) -> None:
    assert tomllib.loads(f"{toml_key(key)} = 1") == {key: 1}


def test_what_has_a_reason_is_written_at_its_default_too() -> None:
    config = StudyConfig.model_validate({"data": {"table": "iris"}})
    text = written_study(config, header=[], reasons={"training.max_epochs": "twice as many"})
    assert "[training]\n# twice as many\nmax_epochs = 60\n" in text
