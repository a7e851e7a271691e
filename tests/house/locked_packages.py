"""What `uv.lock` says is to be installed on a given machine, read without uv."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import Marker

from tests.house.checkout import ROOT

Environment = Mapping[str, str]
"""Values of the marker variables that the lock tells machines apart by."""

Table = dict[str, Any]
"""A table of the lock file, as TOML gives it."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package of one version, with the hashes of every file that it may be installed from."""

    name: str
    version: str
    hashes: frozenset[str]


def lock_tables() -> list[Table]:
    """Read the lock's package tables, the project's own among them."""
    tables: list[Table] = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return tables


def locked_packages(
    environment: Environment, *, extras: Iterable[str] = (), group: str | None = None
) -> dict[str, LockedPackage]:
    """Follow the lock's dependencies from the project on, for one machine.

    Parameters
    ----------
    environment
        The machine.
    extras
        The project's extras to install with it.
    group
        A dependency group to install alone, in place of the project's own dependencies.
    """
    tables = lock_tables()
    project = next(table for table in tables if table["name"] == "proctor")
    queue: list[Table] = (
        list(project["dev-dependencies"][group]) if group else [{"name": "proctor", "extra": list(extras)}]
    )
    followed: list[Table] = []
    found: dict[str, LockedPackage] = {}
    while queue:
        dependency = queue.pop()
        if dependency in followed or not _applies(dependency, environment):
            continue
        followed.append(dependency)
        table = _table_of(dependency, tables)
        queue += table.get("dependencies", [])
        for extra in dependency.get("extra", []):
            queue += table["optional-dependencies"][extra]
        if table is not project:
            found[table["name"]] = _locked_package(table)
    return found


def _applies(dependency: Table, environment: Environment) -> bool:
    return "marker" not in dependency or Marker(dependency["marker"]).evaluate(dict(environment))


def _table_of(dependency: Table, tables: list[Table]) -> Table:
    (table,) = (
        table
        for table in tables
        if table["name"] == dependency["name"]
        and dependency.get("version", table["version"]) == table["version"]
    )
    return table


def _locked_package(table: Table) -> LockedPackage:
    files = [*table.get("wheels", []), *([table["sdist"]] if "sdist" in table else [])]
    return LockedPackage(table["name"], table["version"], frozenset(file["hash"] for file in files))
