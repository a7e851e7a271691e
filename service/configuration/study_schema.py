"""JSON Schema of a study file as people write it, for editors that complete and check TOML."""

from typing import Any

from pydantic import TypeAdapter

from search_spaces.derivation import BASE
from search_spaces.dimensions import CategoricalDimension, ConstantDimension
from search_spaces.fields import choices_of
from search_spaces.hyperparameters import Hyperparameters
from search_spaces.presets import preset_names
from search_spaces.ranges import FloatDimension, IntegerDimension
from service.configuration.study_file import WrittenStudy

_DEFINITIONS = "$defs"
_DIMENSIONS = (FloatDimension, IntegerDimension, CategoricalDimension, ConstantDimension)


def study_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a study file.

    It knows names, types and single values' ranges; contradictions between values are found on reading.
    """
    schema = WrittenStudy.model_json_schema()
    properties = schema["properties"]
    _, dimensions = TypeAdapter.json_schemas(
        [(model.__name__, "validation", TypeAdapter(model)) for model in _DIMENSIONS]
    )
    hyperparameters = Hyperparameters.model_json_schema()
    definitions = schema[_DEFINITIONS] | dimensions[_DEFINITIONS] | hyperparameters[_DEFINITIONS]
    properties["space"] = {
        "description": properties["space"]["description"],
        "default": "default",
        "anyOf": [_preset_schema(), _table_schema(hyperparameters["properties"])],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Proctor study file",
        "description": "Everything that a study file can set.",
        "required": ["data"],
        _DEFINITIONS: {
            name: _brief(definitions[name]) for name in sorted(definitions) if name != "SearchSpace"
        },
    }


def _brief(definition: dict[str, Any]) -> dict[str, Any]:
    """Keep of a description its first line: the rest speaks to programmers."""
    return {**definition, "description": definition["description"].splitlines()[0]}


def _preset_schema() -> dict[str, Any]:
    return {"enum": list(preset_names()), "description": "A built-in search space."}


def _table_schema(constants: dict[str, Any]) -> dict[str, Any]:
    dimensions = {name: _dimension_schema(name, constant) for name, constant in constants.items()}
    return {
        "type": "object",
        "description": "Dimensions by hyperparameter, in the order in which they are searched.",
        "properties": {BASE: _preset_schema(), **dimensions},
        "additionalProperties": False,
    }


def _dimension_schema(name: str, constant: dict[str, Any]) -> dict[str, Any]:
    """Describe one dimension: a plain value for a constant, or a table of a kind that suits."""
    kinds = _DIMENSIONS[2:] if choices_of(name) else _DIMENSIONS
    plain = {key: value for key, value in constant.items() if key not in ("description", "title", "default")}
    return {
        "description": Hyperparameters.model_fields[name].description or "Units in this hidden layer.",
        "anyOf": [plain, *({"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds)],
    }
