"""What users install stays small enough for a laptop's tether and a container's layer."""

from importlib.metadata import distribution
from pathlib import Path

from packaging.markers import default_environment

from tests.house.requirements_files import required_packages

LIMIT = 800e6
"""Bytes on disk that users' packages may take, byte code included; 178e6 of them are what reads tables."""


def size_on_disk(package: str) -> int:
    """Sum the bytes of the files that a distribution has installed."""
    files = distribution(package).files or []
    return sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())


def test_users_packages_stay_under_800_mb() -> None:
    here = {name: str(value) for name, value in default_environment().items()}
    sizes = {name: size_on_disk(name) for name in required_packages("users.txt", here)}
    assert sizes["ray"] > 0
    assert sum(sizes.values()) < LIMIT, f"largest first: {sorted(sizes.items(), key=lambda i: -i[1])[:8]}"
