"""The study file's JSON Schema accepts what is accepted on reading, and marks slips of the keyboard."""

import tomllib
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from search_spaces.kinds import SPACES
from search_spaces.network.space import NetworkSpace
from search_spaces.presets import load_preset, preset_names
from service.configuration.study_writing import study_schema, study_template

TABLE = 'data = { table = "digits" }\n'


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return study_schema()


def _is_valid(schema: dict[str, Any], text: str) -> bool:
    return bool(Draft202012Validator(schema).is_valid(tomllib.loads(text)))


def test_it_is_a_json_schema(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def test_the_study_file_to_begin_from_is_accepted(schema: dict[str, Any]) -> None:
    assert _is_valid(schema, study_template())


@pytest.mark.parametrize("name", preset_names(NetworkSpace))
def test_each_built_in_space_is_accepted_spelled_out(schema: dict[str, Any], name: str) -> None:
    space = load_preset(NetworkSpace, name).model_dump(mode="json", exclude_none=True)
    assert Draft202012Validator(schema).is_valid({"data": {"table": "digits"}, "space": space})


@pytest.mark.parametrize(
    "text",
    [
        f'space = "small"\n{TABLE}',
        f"{TABLE}[space]\nbatch_size = 64\ndepth = {{ low = 1, high = 3 }}\n",
        f'{TABLE}[space]\nbase = "default"\noptimizer = "adam"\n',
        f"{TABLE}[space.width_3]\nlow = 8\nhigh = 16\nlog = true\nwhen = {{ depth = {{ at_least = 3 }} }}\n",
        f"{TABLE}[space.momentum]\nlow = 0.5\nhigh = 0.9\nwhen = {{ optimizer = ['momentum'], depth = 2 }}\n",
        f"{TABLE}[launch]\nworkers = 2\n",
        f'sampler = "qmc"\n{TABLE}',
        f'{TABLE}[sampler]\nkind = "grid"\npoints = 4\n',
        f'{TABLE}[pruner]\nkind = "threshold"\nworst = 0.4\n',
    ],
)
def test_what_people_write_is_accepted(schema: dict[str, Any], text: str) -> None:
    assert _is_valid(schema, text)


@pytest.mark.parametrize(
    "text",
    [
        "trials = 3\n",
        f"trails = 3\n{TABLE}",
        f"trials = 0\n{TABLE}",
        f'trials = "3"\n{TABLE}',
        f'space = "smal"\n{TABLE}',
        f"{TABLE}[space]\nlearning_rat = 0.1\n",
        f"{TABLE}[space]\nbatch_size = 0\n",
        f'{TABLE}[space]\noptimizer = "adm"\n',
        f"{TABLE}[space]\noptimizer = {{ low = 1, high = 2 }}\n",
        f"{TABLE}[space.depth]\nlow = 1\nhihg = 3\n",
        f"{TABLE}[space.depth]\nlow = 1\n",
        f"{TABLE}[space.depth]\nlow = 1\nhigh = 3\nwhen = {{ width = {{ atleast = 3 }} }}\n",
        f"{TABLE}[launch]\nworker = 2\n",
        f'sampler = "tpee"\n{TABLE}',
        f"{TABLE}[sampler]\npoint = 4\n",
    ],
)
def test_slips_are_marked(schema: dict[str, Any], text: str) -> None:
    assert not _is_valid(schema, text)


def test_each_hyperparameter_is_described_for_the_editor(schema: dict[str, Any]) -> None:
    _, table = schema["properties"]["space"]["anyOf"]
    assert set(table["properties"]) == {
        "base",
        *(name for kind in SPACES.values() for name in kind.fields.names),
    }
    assert all(described["description"] for described in table["properties"].values())


def test_descriptions_speak_to_people(schema: dict[str, Any]) -> None:
    assert "Raises" not in str(schema)


def test_each_hyperparameter_has_its_own_description(schema: dict[str, Any]) -> None:
    """An enumeration's own, too: pydantic leaves it out where it repeats the enumeration's docstring."""
    _, table = schema["properties"]["space"]["anyOf"]
    assert table["properties"]["optimizer"]["description"] == "The rule that turns gradients into steps."
    assert table["properties"]["width_3"]["description"] == "Units in this hidden layer."
