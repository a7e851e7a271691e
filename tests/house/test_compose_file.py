"""The stack's file, read without Docker: nothing secret in it, nothing open, nothing root, all in order."""

import re
import subprocess

import pytest

from tests.house.checkout import ROOT
from tests.house.compose_file import compose_file, services

IMAGE_OF_OURS = sorted(set(services()) - {"postgres"})
LONG_RUNNING = ["dashboard", "head", "postgres", "worker"]


def test_the_stack_has_its_services() -> None:
    assert set(services()) == {"postgres", "schema", "head", "worker", "dashboard", "proctor"}


def test_one_build_makes_the_image_of_all() -> None:
    assert [name for name, service in services().items() if "build" in service] == ["schema"]
    assert {services()[name].get("pull_policy") for name in IMAGE_OF_OURS} == {"never"}, "no registry has it"


@pytest.mark.parametrize("name", services())
def test_secrets_are_required_from_the_environment(name: str) -> None:
    environment: dict[str, str] = services()[name]["environment"]
    secrets = {key: value for key, value in environment.items() if re.search("PASSWORD|TOKEN", key)}
    assert secrets
    for value in secrets.values():
        assert re.fullmatch(
            r"\$\{(POSTGRES_PASSWORD|RAY_AUTH_TOKEN|PROCTOR_DASHBOARD_TOKEN):\?[^}]+\}", value
        )


def test_no_url_carries_a_password() -> None:
    assert re.findall(r"\w+://[^\s@/]*:[^\s@/]*@", (ROOT / "docker-compose.yml").read_text()) == []


def test_the_example_of_the_env_file_names_every_secret_and_tells_none() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert {line for line in lines if not line.startswith("#")} == {f"{name}=" for name in required}


def test_ports_are_bound_to_the_loopback_address_alone() -> None:
    ports = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert list(ports) == ["dashboard"]
    assert all(port.startswith("127.0.0.1:") for port in ports["dashboard"])


@pytest.mark.parametrize("name", services())
def test_no_container_can_gain_privileges(name: str) -> None:
    service = services()[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "ipc"} & set(service)
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", IMAGE_OF_OURS)
def test_our_containers_are_neither_root_nor_able_to_write_to_their_image(name: str) -> None:
    service = services()[name]
    assert service["image"] == "proctor"
    assert service["read_only"] is True
    assert "user" not in service, "the image's own user is not root"
    assert "cap_add" not in service


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_runs_for_long_is_watched_and_restarted(name: str) -> None:
    service = services()[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize(
    ("name", "awaited"),
    [
        ("schema", {"postgres": "service_healthy"}),
        ("dashboard", {"schema": "service_completed_successfully"}),
        ("worker", {"head": "service_healthy"}),
        ("proctor", {"schema": "service_completed_successfully", "head": "service_healthy"}),
    ],
)
def test_services_start_in_order(name: str, awaited: dict[str, str]) -> None:
    conditions = {other: how["condition"] for other, how in services()[name]["depends_on"].items()}
    assert conditions == awaited


def test_a_command_leaves_the_workers_that_were_scaled_as_they_are() -> None:
    assert "worker" not in services()["proctor"]["depends_on"]
    assert "container_name" not in services()["worker"]


def test_workers_cannot_reach_the_database() -> None:
    assert not set(services()["worker"]["networks"]) & set(services()["postgres"]["networks"])
    assert "PGPASSWORD" not in services()["worker"]["environment"]


def test_only_the_dashboard_is_on_a_network_that_leads_outside() -> None:
    networks = compose_file()["networks"]
    outside = {name for name, settings in networks.items() if not settings.get("internal")}
    assert [name for name, service in services().items() if set(service["networks"]) & outside] == [
        "dashboard"
    ]


@pytest.mark.parametrize("name", ["head", "worker", "proctor"])
def test_ray_asks_for_its_token(name: str) -> None:
    assert services()[name]["environment"]["RAY_AUTH_MODE"] == "token"


def test_studies_outlive_their_containers() -> None:
    used = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert used == set(compose_file()["volumes"]) == {"database", "studies"}


def test_a_command_waits_to_be_called() -> None:
    assert [name for name, service in services().items() if "profiles" in service] == ["proctor"]


def test_the_commands_script_is_sound_and_ends_as_the_command() -> None:
    shell, options, script, _ = services()["proctor"]["entrypoint"]
    script = script.replace("$$", "$")
    subprocess.run([shell, "-n", "-c", script], check=True)
    assert options == "-euc"
    assert script.splitlines()[-1] == 'exec proctor "$@"'
