"""Which fields KubeRay's resources have, as far as the examples use them.

    python -m tests.house.kuberay_schema CRD.yaml ...

writes them anew from KubeRay's custom resource definitions (`helm-chart/kuberay-operator/crds`, here of its
version 1.7.0), a megabyte each: of an object that the examples use all names, and of the fields that they use
the types.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.house.checkout import ROOT

FILE = Path(__file__).with_name("kuberay_schema.json")
EXAMPLES = sorted((ROOT / "examples" / "kubernetes").glob("*.yaml"))

_KEPT = ("type", "enum", "required", "minimum", "maximum")

Schema = dict[str, Any]


def documents() -> dict[str, dict[str, Any]]:
    """Return the examples by their kinds."""
    return {parsed["kind"]: parsed for parsed in (yaml.safe_load(path.read_text()) for path in EXAMPLES)}


def extract(schema: Mapping[str, Any], values: Iterable[Any]) -> Schema:
    """Return what a schema says of the values that the examples have in one place."""
    used = list(values)
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept: Schema = {key: schema[key] for key in _KEPT if key in schema}
    if "items" in schema:
        kept["items"] = extract(schema["items"], (item for value in used for item in value))
    if "properties" in schema:
        kept["additionalProperties"] = False
        kept["properties"] = {
            name: extract(below, found) if (found := [value[name] for value in used if name in value]) else {}
            for name, below in schema["properties"].items()
        }
    elif isinstance(below := schema.get("additionalProperties"), Mapping):
        kept["additionalProperties"] = extract(below, (item for value in used for item in value.values()))
    return kept


def main(paths: Iterable[str]) -> None:
    """Write the schemas of the examples' kinds."""
    schemas: dict[str, Schema] = {}
    for path in paths:
        definition = yaml.safe_load(Path(path).read_text())["spec"]
        kind = definition["names"]["kind"]
        (version,) = (version for version in definition["versions"] if version["name"] == "v1")
        if kind in documents():
            schemas[kind] = extract(version["schema"]["openAPIV3Schema"], [documents()[kind]])
    FILE.write_text(json.dumps(schemas, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
