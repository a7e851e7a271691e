"""The resources for Kubernetes: fields that KubeRay has, nothing secret in them, nothing root, one image."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from service.cli import proctor
from tests.house.kuberay_schema import EXAMPLES, FILE, documents
from tests.house.locked_packages import lock_tables

SCHEMAS: dict[str, Any] = json.loads(FILE.read_text())
VALIDATORS = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}
KINDS = sorted(documents())


def cluster_of(kind: str) -> dict[str, Any]:
    spec: dict[str, Any] = documents()[kind]["spec"]
    return spec["rayClusterSpec"] if kind == "RayJob" else spec


def containers_of(kind: str) -> Iterator[dict[str, Any]]:
    cluster = cluster_of(kind)
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        pod = group["template"]["spec"]
        assert pod["securityContext"] == {"runAsNonRoot": True, "runAsUser": 10001}, "the image's own user"
        yield from pod["containers"]


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of all fields of a resource."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in below:
        if isinstance(key, str):
            yield (*path, key)
        yield from places(inside, (*path, key))


def is_map(kind: str, path: tuple[str | int, ...]) -> bool:
    """Tell whether a field is an entry that users name, or anything at all: its name cannot be misspelled."""
    schema = SCHEMAS[kind]
    for key in path[:-1]:
        schema = schema["items"] if isinstance(key, int) else schema.get("properties", {}).get(key, {})
    return "properties" not in schema


def test_each_example_is_a_kind_of_its_own() -> None:
    assert KINDS == ["RayCluster", "RayJob"]
    assert len(EXAMPLES) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_kuberay_has_the_fields(kind: str) -> None:
    VALIDATORS[kind].validate(documents()[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_misspelled_field_is_noticed_wherever_it_stands(kind: str) -> None:
    document = documents()[kind]
    checked = [path for path in places(document) if not is_map(kind, path)]
    assert len(checked) > 50
    for path in checked:
        misspelled = copy.deepcopy(document)
        parent: Any = misspelled
        for key in path[:-1]:
            parent = parent[key]
        parent[f"{path[-1]}s"] = parent.pop(path[-1])
        assert not VALIDATORS[kind].is_valid(misspelled), path


@pytest.mark.parametrize("kind", KINDS)
def test_the_types_of_all_fields_are_known(kind: str) -> None:
    """Where a field is new, write the schema anew: `tests/house/kuberay_schema.py` says how."""
    for path in places(documents()[kind]):
        schema = SCHEMAS[kind]
        for key in path:
            if isinstance(key, int):
                schema = schema["items"]
            else:
                schema = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if schema is None:  # metadata, which Kubernetes checks itself
                break
        assert schema is None or "type" in schema, path


@pytest.mark.parametrize("kind", KINDS)
def test_rays_version_is_the_images(kind: str) -> None:
    (ray,) = (table for table in lock_tables() if table["name"] == "ray")
    assert cluster_of(kind)["rayVersion"] == ray["version"]


@pytest.mark.parametrize("kind", KINDS)
def test_secrets_come_from_a_secret_and_reach_the_head_alone(kind: str) -> None:
    head, worker = containers_of(kind)
    assert all(set(variable) == {"name", "valueFrom"} for variable in head["env"])
    assert "env" not in worker
    assert cluster_of(kind)["authOptions"] == {"mode": "token"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_container_can_gain_privileges(kind: str) -> None:
    for container in containers_of(kind):
        assert container["image"] == "proctor"
        locked = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        assert container["securityContext"] == locked


def test_the_jobs_command_is_one_of_proctors() -> None:
    program, command, *words = documents()["RayJob"]["spec"]["entrypoint"].split()
    assert program == "proctor"
    with proctor.commands[command].make_context(command, words) as context:
        assert context.params["goes_on"], "it is repeated where its cluster is lost"
        assert context.params["address"] == "auto"


def test_the_table_reaches_the_head_alone() -> None:
    head, worker = containers_of("RayJob")
    assert [mount["mountPath"] for mount in head["volumeMounts"]] == ["/study"]
    assert "volumeMounts" not in worker
