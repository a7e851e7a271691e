"""The study file, from the schema that `proctor schema` prints."""

from collections.abc import Iterator, Mapping

from docs.generator.markdown import page, table
from docs.generator.schema_text import Schema, default_text, definition_of, description_of, values_text
from service.configuration.study_writing import study_schema

_INTRODUCTION = """
A study file is TOML: `proctor init` writes one with comments, and `proctor run study.toml` runs it. Only
`[data]` with its `table` is required. `proctor schema` prints this as a JSON schema, for editors that
complete and check TOML. Flags of `proctor run` take precedence over the file.

Each key of `[space]` is a [hyperparameter](hyperparameters.md), and its value one number or word, or a
range, a list of choices or a constant. See [Searching](../how-to/searching.md#your-own-space).
"""
_HEADER = ("key", "values", "default", "meaning")
_SPACE_PARTS = (
    "FloatDimension",
    "IntegerDimension",
    "CategoricalDimension",
    "ConstantDimension",
    "Condition",
)
_NAMED_PARTS = ("ModelConfig", "SaidColumn", "SamplerConfig", "Entrant", "TrainingConfig")


def study_file_page() -> str:
    """Return the page of all that a study file may hold: keys at the top, then each of its tables."""
    schema = study_schema()
    definitions: Mapping[str, Schema] = schema["$defs"]
    properties: Mapping[str, Schema] = schema["properties"]
    tables = {name: told for name, told in properties.items() if _is_table(told, definitions)}
    plain = {name: told for name, told in properties.items() if name not in tables and name != "space"}
    return page(
        "The study file",
        _INTRODUCTION,
        "## At the top",
        table(_HEADER, _rows(plain, definitions)),
        *(
            _section(f"`[{name}]`", definitions[str(definition_of(told))], definitions)
            for name, told in tables.items()
        ),
        "## `[space]`",
        "Names of hyperparameters, each with a plain value or one of these tables; `base` names the built-in"
        " space that is changed.",
        *(_section(f"`{name}`", definitions[name], definitions, level=3) for name in _SPACE_PARTS),
        "## Other tables",
        *(_section(f"`{name}`", definitions[name], definitions, level=3) for name in _NAMED_PARTS),
    )


def _is_table(told: Schema, definitions: Mapping[str, Schema]) -> bool:
    name = definition_of(told)
    return name is not None and definitions[name].get("type") == "object"


def _section(heading: str, told: Schema, definitions: Mapping[str, Schema], *, level: int = 2) -> str:
    return "\n\n".join(
        [
            f"{'#' * level} {heading}",
            str(told.get("description", "")),
            table(_HEADER, _rows(told["properties"], definitions)).strip("\n"),
        ]
    )


def _rows(
    properties: Mapping[str, Schema], definitions: Mapping[str, Schema]
) -> Iterator[tuple[str, str, str, str]]:
    for name, told in properties.items():
        yield (
            f"`{name}`",
            values_text(told, definitions),
            default_text(told),
            description_of(told, definitions),
        )
