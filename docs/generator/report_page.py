"""The JSON report, from the schema that `proctor schema --report` prints."""

import re
from collections.abc import Iterator, Mapping

from docs.generator.markdown import page, table
from docs.generator.schema_text import Schema, description_of, is_nullable, values_text
from service.report.facts.study_report import StudyReport

_INTRODUCTION = """
`proctor run ... --json`, `proctor show STUDY --json` and `proctor report STUDY -o FILE.json` write one
JSON object. `proctor schema --report` prints its schema. `schema_version` rises with every change that a
reader could stumble over. Before the opening, `test` is null and no other key holds a test figure.
"""


def report_page() -> str:
    """Return the page of the report's keys, then of each kind of object in it."""
    schema = StudyReport.model_json_schema()
    definitions: Mapping[str, Schema] = schema["$defs"]
    parts = {name: told for name, told in definitions.items() if "properties" in told}
    return page(
        "The JSON report",
        _INTRODUCTION,
        "## At the top",
        _table(schema, definitions),
        "## Parts",
        *(
            "\n\n".join([f"### {name}", _first_line(told), _table(told, definitions).strip("\n")])
            for name, told in parts.items()
        ),
    )


def _first_line(told: Schema) -> str:
    return str(told.get("description", "")).split("\n")[0]


def _table(told: Schema, definitions: Mapping[str, Schema]) -> str:
    return table(("key", "value", "meaning"), _rows(told["properties"], definitions))


def _rows(
    properties: Mapping[str, Schema], definitions: Mapping[str, Schema]
) -> Iterator[tuple[str, str, str]]:
    for name, told in properties.items():
        value = values_text(told, definitions) + (" or null" if is_nullable(told) else "")
        yield f"`{name}`", value, _in_json(description_of(told, definitions))


def _in_json(text: str) -> str:
    return re.sub(r"\bNone\b", "null", text)
