"""The requirements files, which pip installs from, say what the lock says, on every machine supported."""

from itertools import product

import pytest

from tests.house.checkout import ROOT
from tests.house.locked_packages import Environment, lock_tables, locked_packages
from tests.house.requirements_files import required_packages

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = (("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"))
ENVIRONMENTS = [
    {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": sys_platform,
        "platform_system": system,
        "platform_machine": machine,
        "os_name": "posix",
        "extra": "",
    }
    for python, (sys_platform, system, machine) in product(PYTHONS, MACHINES)
]
GPU_PREFIXES = ("cuda", "cupy", "jax", "nvidia", "tensorflow", "torch", "triton")

every_environment = pytest.mark.parametrize(
    "environment",
    ENVIRONMENTS,
    ids=lambda e: f"{e['sys_platform']}-{e['platform_machine']}-{e['python_version']}",
)


@every_environment
def test_users_install_what_the_lock_says(environment: Environment) -> None:
    assert required_packages("users.txt", environment) == locked_packages(environment)


@every_environment
def test_the_stack_adds_the_extras_to_what_users_install(environment: Environment) -> None:
    stack = required_packages("stack.txt", environment)
    assert stack == locked_packages(
        environment, extras=("dashboard", "excel", "onnx", "postgresql", "submit")
    )
    assert stack.items() >= required_packages("users.txt", environment).items()


@every_environment
@pytest.mark.parametrize("group", ["build", "docs", "gate"])
def test_a_dependency_group_installs_what_the_lock_says(group: str, environment: Environment) -> None:
    assert required_packages(f"{group}.txt", environment) == locked_packages(environment, group=group)


@every_environment
def test_the_gate_tests_the_versions_that_users_have(environment: Environment) -> None:
    assert (
        required_packages("gate.txt", environment).items()
        >= required_packages("users.txt", environment).items()
    )


@pytest.mark.parametrize("file_name", [".ci/make-environment", "Dockerfile"])
def test_what_is_locked_is_installed_without_resolving_anew(file_name: str) -> None:
    """A resolver may take a release made since for a package that another asks for with an extra."""
    text = (ROOT / file_name).read_text().replace("\\\n", " ")
    installs = [line for line in text.splitlines() if "--require-hashes" in line]
    assert installs
    assert [line for line in installs if "--no-deps" not in line] == []


@every_environment
@pytest.mark.parametrize("file_name", ["users.txt", "stack.txt"])
def test_no_gpu_packages_reach_users(file_name: str, environment: Environment) -> None:
    assert [name for name in required_packages(file_name, environment) if name.startswith(GPU_PREFIXES)] == []


def test_the_locked_ray_has_wheels_for_the_pythons_that_are_accepted_and_no_other() -> None:
    (ray,) = (table for table in lock_tables() if table["name"] == "ray")
    script = (ROOT / ".ci" / "make-environment").read_text()
    wheels = [wheel["url"] for wheel in ray["wheels"]]
    pythons = {python for python in (f"3.{minor}" for minor in range(30)) if _has_wheel(python, wheels)}
    assert pythons == set(PYTHONS)
    assert f"\noldest={PYTHONS[0]}\n" in script
    assert f"\nnewest={PYTHONS[-1]} " in script


def _has_wheel(python: str, wheels: list[str]) -> bool:
    return any(f"-cp{python.replace('.', '')}-" in wheel for wheel in wheels)
