"""Study files as they are written: a study's own, the one to begin from, and the schema that editors check.

A study is written as what differs from the defaults, with comments that say why. The one to begin from has
every option with its default and what it is for. The JSON Schema is for editors that complete and check TOML.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from search_spaces.derivation import BASE
from search_spaces.dimensions import CategoricalDimension, ConstantDimension, Dimension
from search_spaces.expectation import expectation
from search_spaces.kinds import SPACES
from search_spaces.presets import preset_names, read_preset
from search_spaces.ranges import FloatDimension, IntegerDimension
from search_spaces.space import SearchSpace
from service.configuration.data_config import DataConfig, SplitConfig
from service.configuration.launch_config import LaunchConfig
from service.configuration.model_config import DEFAULT_KIND, ModelConfig
from service.configuration.search_config import PrunerConfig, SamplerConfig
from service.configuration.study_config import (
    DEFAULT_SPACE,
    BudgetConfig,
    ConfirmationConfig,
    RoundsConfig,
    StudyConfig,
    TrainingConfig,
    TrialLimitsConfig,
)
from service.configuration.study_file import WrittenStudy
from service.errors import BadInputError
from service.tables.said_column import toml_key


def written_study(config: StudyConfig, *, header: Sequence[str], reasons: Mapping[str, str]) -> str:
    """Write a study file that reads as the study.

    Parameters
    ----------
    config
        The study.
    header
        Lines of the comment that it begins with.
    reasons
        By dotted key, such as `space.width`, why a value is as it is.
    """
    left_out: dict[str, bool | set[str]] = {"space": True, "contest": True, "model": {"sha256"}}
    document = config.model_dump(mode="json", exclude_defaults=True, exclude=left_out)
    document = {key: value for key, value in document.items() if value != {}}
    whole = config.model_dump(mode="json")
    if config.model.kind != DEFAULT_KIND:
        document["training"] = whole["training"]  # its defaults are the kind's own
    if config.contest:
        document["contest"] = [
            {
                "model": entrant.model.kind,
                "space": _written_space(entrant.space),
                "training": entrant.training.model_dump(mode="json"),
            }
            for entrant in config.contest
        ]
        document["training"] = whole["training"]  # those of the first kind
    for table, key in (dotted.split(".", 1) for dotted in reasons if not dotted.startswith("space.")):
        document.setdefault(table, {})[key] = whole[table][
            key
        ]  # what has a reason is written at its default too
    lines = [f"# {line}" for line in header]
    lines.append("")
    lines += _entries({key: of for key, of in document.items() if not isinstance(of, dict)}, "", reasons)
    for table, entries in document.items():
        if isinstance(entries, dict):
            lines += ["", f"[{table}]", *_entries(entries, f"{table}.", reasons)]
    lines += ["", "[space]"]
    lines += _entries(_written_space(config.space), "space.", reasons)
    return "\n".join(lines) + "\n"


def write_new_file(path: Path, text: str) -> None:
    """Write a study file where there is none yet.

    Raises
    ------
    BadInputError
        There is one, or it cannot be written.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadInputError(f"{path} exists: remove it, or name another file") from None
    except OSError as error:
        raise BadInputError(f"{path} cannot be written: {error.strerror}") from error


def _entries(entries: Mapping[str, Any], prefix: str, reasons: Mapping[str, str]) -> Iterator[str]:
    for key, value in entries.items():
        if prefix + key in reasons:
            yield f"# {' '.join(reasons[prefix + key].split())}"
        if value is not None:
            yield f"{toml_key(key)} = {toml_value(value)}"


def _written_space(space: SearchSpace) -> dict[str, object]:
    return {name: _written(dimension) for name, dimension in space.dimensions.items()}


def _written(dimension: Dimension) -> object:
    """Write a dimension as people do: a plain constant, and no kind if the rest implies it."""
    if isinstance(dimension, ConstantDimension) and not dimension.when:
        return dimension.value
    written = dimension.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True)
    return {key: _bare(value) for key, value in written.items()}


def _bare(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Leave out what TOML has no word for."""
    if isinstance(value, dict):
        return {key: _bare(of) for key, of in value.items() if of is not None}
    return value


def toml_value(value: object) -> str:
    """Write a value in one line: text, a number, true or false, a list, or a table of them."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{toml_key(key)} = {toml_value(of)}' for key, of in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    # JSON's text and numbers are TOML's, but for one character that JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


DEFAULT_TABLE = "digits"
"""The table of a study file that was begun without one."""

_TABLES: dict[str, type[BaseModel]] = {
    "data": DataConfig,
    "split": SplitConfig,
    "model": ModelConfig,
    "sampler": SamplerConfig,
    "training": TrainingConfig,
    "pruner": PrunerConfig,
    "budget": BudgetConfig,
    "confirmation": ConfirmationConfig,
    "limits": TrialLimitsConfig,
    "rounds": RoundsConfig,
    "launch": LaunchConfig,
}
_EXAMPLES: dict[str, str | float | bool | list[int]] = {
    "name": "my-study",
    "search_seed": 1,
    "concurrency": 8,
    "target": "price",
    "task": "regression",
    "dev_table": "dev.csv",
    "test_table": "test.csv",
    "image_shape": [28, 28, 1],
    "delimiter": ";",
    "encoding": "cp1252",
    "log_target": True,
    "decimal_comma": True,
    "sheet": "Sheet1",
    "dev_fraction": 0.2,
    "test_fraction": 0.2,
    "warm_start": "earlier-study",
    "epochs": 2000,
    "seconds": 600,
    "dev_metric": 0.02,
    "no_gain_trials": 30,
    "memory_megabytes": 2000,
    "metric": "mae",
    "watch": "rmse",
    "bayes_error": 0.02,
    "storage": "sqlite:///proctor.db",
    "workers": 2,
    "address": "127.0.0.1:6379",
}
"""For options that have no default to write: they stand commented out."""

_SPACE = """
# The kind of each column, and how its cells are written, are inferred from the examples outside the test
# set. To set them yourself, by name or by a pattern:
#
# [columns]
# zip = "categorical"       # also: numeric, boolean, date, image
# "pixel_*" = "image"
# customer = "id"           # neither read nor learned from; likewise ignore
# patient = "group"         # all rows of a patient stay in one set
# sold = "time"             # the dev set is later than the train set, the test set later still
# price = { kind = "numeric", thousands = ".", decimal = ",", unit = "EUR" }
# born = { kind = "date", format = "%d/%m/%Y" }
# income = { missing = [-999, "--"] }   # these cells are missing

# To search something else, replace `space` above with a table. Its dimensions replace those of the base
# that have the same name, and are added to the others. Without a base there are no others.
#
# [space]
# base = "default"
# batch_size = 64                         # a constant
# learning_rate = { low = 1e-4, high = 1e-1, log = true, default = 1e-3 }
# depth = { low = 1, high = 3 }           # whole numbers; `step = 2` for every other one
# optimizer = { choices = ["adam", "momentum"] }
# momentum = { low = 0.5, high = 0.99, when = { optimizer = ["momentum"] } }
# width_3 = { low = 16, high = 64, when = { depth = { at_least = 3 } } }
"""


def study_template(table: str | None = None, *, target: str | None = None) -> str:
    """Write a commented study file with every option at its default.

    Parameters
    ----------
    table
        A built-in table or a CSV file's path; None stands for `digits`.
    target
        The column to predict; None leaves it open.
    """
    given = {"table": table or DEFAULT_TABLE, "target": target}
    lines = [
        "# A study for `proctor run`. Only the table is required; what you leave out keeps its default.",
        "",
    ]
    for name, field in StudyConfig.model_fields.items():
        if name not in {*_TABLES, "columns"}:
            lines += _option(name, field, None)
    for name, model in _TABLES.items():
        lines += ["", f"[{name}]"]
        of_kinds = _options_of_kinds(model)
        for key, field in model.model_fields.items():
            if key not in of_kinds:
                lines += _option(key, field, given.get(key))
        lines += _described(model, of_kinds)
    return "\n".join(lines) + "\n" + _SPACE


def _option(name: str, field: FieldInfo, given: str | None) -> Iterator[str]:
    expected = expectation(field)
    accepts = "" if expected in ("text", "a table") else f" ({expected})"
    yield f"# {(field.description or '').rstrip('.')}{accepts}."
    if name == "space":
        for kind, space_type in SPACES.items():
            of_kind = "" if kind == DEFAULT_KIND else f" of the model {kind}"
            for preset in preset_names(space_type):
                yield f"#   {preset}{of_kind}: {read_preset(space_type, preset).description}"
        yield f"space = {toml_value(DEFAULT_SPACE)}"
    elif given is not None:
        yield f"{name} = {toml_value(given)}"
    elif name in _EXAMPLES:
        yield f"# {name} = {toml_value(_EXAMPLES[name])}"
    else:
        yield f"{name} = {toml_value(field.default)}"


def _options_of_kinds(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the options that only some of a model's kinds have: those beside the kind itself."""
    return (
        tuple(name for name in model.model_fields if name != "kind") if "kind" in model.model_fields else ()
    )


def _described(model: type[BaseModel], names: tuple[str, ...]) -> Iterator[str]:
    """Describe options without writing them: those of one kind are wrong beside another."""
    if names:
        yield "# Options that only some kinds have:"
    for name in names:
        field = model.model_fields[name]
        yield f"#   {name} ({expectation(field)}): {(field.description or '').rstrip('.')}."


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
    definitions = schema[_DEFINITIONS] | dimensions[_DEFINITIONS]
    constants: dict[str, list[dict[str, Any]]] = {}
    for space_type in SPACES.values():
        point_type = space_type.fields.point_type
        hyperparameters = point_type.model_json_schema()
        definitions |= hyperparameters.get(_DEFINITIONS, {})
        for name, field in point_type.model_fields.items():
            # The schema leaves out a description that repeats an enumeration's docstring.
            constant = {**hyperparameters["properties"][name], "description": field.description}
            constants.setdefault(name, []).append(constant)
    properties["space"] = {
        "description": properties["space"]["description"],
        "default": "default",
        "anyOf": [_preset_schema(), _table_schema(constants)],
    }
    entrants = definitions["Entrant"]["properties"]
    described = entrants["space"]["description"]
    entrants["space"] = {**properties["space"], "description": described}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Proctor study file",
        "description": "Everything that a study file can set.",
        "required": ["data"],
        "if": {"not": _OF_OWN_MODEL},
        "then": {"properties": {"space": _names_schema([BASE, *constants])}},
        _DEFINITIONS: {
            name: _brief(definitions[name]) for name in sorted(definitions) if name != "SearchSpace"
        },
    }


def _brief(definition: dict[str, Any]) -> dict[str, Any]:
    """Keep of a description its first line: the rest speaks to programmers."""
    return {**definition, "description": definition["description"].splitlines()[0]}


def _preset_schema() -> dict[str, Any]:
    names = dict.fromkeys(name for space_type in SPACES.values() for name in preset_names(space_type))
    return {"enum": list(names), "description": "A built-in search space."}


def _table_schema(constants: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, Any]:
    dimensions = {name: _dimension_schema(of_kinds) for name, of_kinds in constants.items()}
    return {
        "type": "object",
        "description": "Dimensions by hyperparameter, in the order in which they are searched.",
        "properties": {BASE: _preset_schema(), **dimensions},
        "patternProperties": {  # also the arguments of a model of the user's own
            "": {"anyOf": [{"type": "number"}, {"type": "string"}, *_references(_DIMENSIONS)]}
        },
    }


_OF_OWN_MODEL = {
    "required": ["model"],
    "properties": {
        "model": {"type": "object", "anyOf": [{"required": ["estimator"]}, {"required": ["learner"]}]}
    },
}


def _names_schema(names: Sequence[str]) -> dict[str, Any]:
    """Allow these names alone in a space's table; a model of the user's own has any."""
    return {"anyOf": [{"type": "string"}, {"propertyNames": {"enum": list(names)}}]}


def _references(dimensions: Sequence[type[BaseModel]]) -> list[dict[str, str]]:
    return [{"$ref": f"#/$defs/{dimension.__name__}"} for dimension in dimensions]


def _dimension_schema(constants: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Describe one dimension: a plain value for a constant, as each kind of model allows it, or a table."""
    plain = [
        {key: value for key, value in constant.items() if key not in ("description", "title", "default")}
        for constant in constants
    ]
    is_word = all("$ref" in constant for constant in plain)
    kinds = _DIMENSIONS[2:] if is_word else _DIMENSIONS
    descriptions = dict.fromkeys(constant["description"] for constant in constants if constant["description"])
    return {
        "description": " ".join(descriptions) or "Units in this hidden layer.",
        "anyOf": [*plain, *_references(kinds)],
    }
