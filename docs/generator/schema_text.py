"""JSON Schema in words: the values that a property accepts, and its default."""

import json
from collections.abc import Mapping
from typing import Any

from docs.generator.markdown import anchor

Schema = Mapping[str, Any]

_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}
_TYPES = {
    "boolean": "`true` or `false`",
    "integer": "whole number",
    "number": "number",
    "object": "table",
    "string": "text",
}


def definition_of(schema: Schema) -> str | None:
    """Return the name of the definition that a schema refers to; None where it is none's."""
    reference: str | None = schema.get("$ref")
    return reference.rpartition("/")[2] if reference else None


def values_text(schema: Schema, definitions: Mapping[str, Schema]) -> str:  # noqa: PLR0911 (a kind each)
    """Say which values a property accepts.

    Parameters
    ----------
    schema
        The property's.
    definitions
        What it may refer to: an enumeration is spelled out, anything else is linked to its heading.
    """
    name = definition_of(schema)
    if name is not None:
        definition = definitions[name]
        return values_text(definition, definitions) if "enum" in definition else f"[{name}](#{anchor(name)})"
    if "enum" in schema:
        return ", ".join(f"`{value or '(empty)'}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        told = [values_text(one, definitions) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(told))
    if schema.get("type") == "array":
        return _array_text(schema, definitions)
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"table of names, each: {values_text(schema['additionalProperties'], definitions)}"
    bounds = [f"{words} {schema[key]:g}" for key, words in _BOUNDS.items() if key in schema]
    kind = _TYPES.get(schema.get("type", ""), "any value")
    return " ".join([kind, " and ".join(bounds)]).strip()


def _array_text(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])}"
    return f"list, each: {values_text(schema.get('items', {}), definitions)}"


def is_nullable(schema: Schema) -> bool:
    """Whether a property may be null."""
    return any(one.get("type") == "null" for one in schema.get("anyOf", ()))


def default_text(schema: Schema) -> str:
    """Return a property's default as JSON and TOML write it; nothing where it is a table or there is none."""
    default = schema.get("default")
    if default is None or isinstance(default, dict) or default == []:
        return ""
    return f"`{json.dumps(default)}`"


def description_of(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    """Return what a property is for: its own description, or that of the definition that it refers to."""
    name = definition_of(schema)
    described = schema.get("description") or (definitions[name].get("description", "") if name else "")
    return str(described)
