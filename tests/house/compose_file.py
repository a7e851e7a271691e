"""The compose file as YAML gives it: anchors merged, variables not yet replaced."""

from typing import Any

import yaml

from tests.house.checkout import ROOT

Service = dict[str, Any]
"""One service's settings."""


def compose_file() -> dict[str, Any]:
    """Read the whole file."""
    parsed: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return parsed


def services() -> dict[str, Service]:
    """Read the services by name."""
    found: dict[str, Service] = compose_file()["services"]
    return found
