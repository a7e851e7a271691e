"""The image: locked packages, no root, nothing to import in its working directory."""

import pytest

from tests.house.checkout import ROOT


@pytest.fixture
def last_stage() -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return text[text.rindex("\nFROM ") + 1 :].splitlines()


def test_the_image_is_the_command(last_stage: list[str]) -> None:
    assert last_stage[-1] == 'ENTRYPOINT ["proctor"]'


def test_the_image_runs_as_a_user_that_is_not_root(last_stage: list[str]) -> None:
    (user,) = (line.split()[1] for line in last_stage if line.startswith("USER "))
    assert all(int(number) >= 1000 for number in user.split(":"))


def test_the_working_directory_holds_nothing_that_ray_could_import(last_stage: list[str]) -> None:
    assert "WORKDIR /studies" in last_stage
    assert [line for line in last_stage if line.startswith(("COPY", "ADD"))] == [
        "COPY --from=build /opt/proctor /opt/proctor"
    ]


def test_every_package_in_the_image_is_checked_against_its_hash() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    installs = [command for command in text.split("&&") if " install " in command and "pip" in command]
    assert installs
    assert [
        command for command in installs if "--require-hashes" not in command and "--no-deps" not in command
    ] == []


def test_nothing_enters_the_image_but_what_it_is_built_from() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert {line.strip("!/") for line in lines if line.startswith("!")} == {
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "requirements",
        "search_spaces",
        "service",
        "workers",
    }
