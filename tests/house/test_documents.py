"""The documents: short where they should be, reachable, and what they name is there."""

import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from docs.generator.reference import DIRECTORY, PAGES
from service.configuration.study_writing import study_schema
from tests.end_to_end.documents.groups import GROUPS
from tests.house.checkout import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
PLACES = r"(?:service|workers|search_spaces|tests|benchmarks|docs|examples|requirements|\.ci)"
MODULE = r"\b((?:service|workers|search_spaces|tests|benchmarks)(?:\.[a-z_]+)+)"
FENCED = re.compile(r"```.*?```", re.DOTALL)
README_BYTES = 8_000
LONGEST_LINE = 120

NOT_RUN = {
    "make demo": "installs into .venv; the gate makes its own environment in the same way",
    "make test": "it would run itself",
    "make bench": "fetches PyTorch, some gigabytes",
    "pip install": "installs what benchmarks need and the gate does not have",
    "proctor dashboard": "serves until Ctrl-C; tests/end_to_end/test_dashboard.py runs it",
    "proctor run digits --address": "needs a cluster; tests/chaos runs studies on one",
    "proctor enqueue": "needs a search that goes on; tests/end_to_end/test_enqueue.py has one",
    "proctor submit": "needs a cluster; tests/end_to_end/test_submit.py has one",
    "ray start": "needs a cluster",
    "docker compose": "needs Docker",
    ".venv/bin/python -m benchmarks": "takes hours; tests/house/test_benchmarks.py runs short forms",
}
"""Commands in indented blocks, which no test runs, by their beginnings: why not."""

COMMAND = re.compile(r"^    ((?:\.venv/bin/)?(?:proctor|make|docker|ray|pip|python) .*)$", re.MULTILINE)


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield each link to a place in the repository: as it is written, its file, and its anchor or nothing."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if not re.match(r"https?:", target):
            place, _, anchor = target.partition("#")
            yield target, (document.parent / place).resolve() if place else document, anchor


def is_generated(document: Path) -> bool:
    return document.parent == DIRECTORY


@every_document
def test_its_links_lead_somewhere(document: Path) -> None:
    for target, linked, anchor in links(document):
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@every_document
def test_the_files_that_it_names_exist(document: Path) -> None:
    named = re.findall(rf"`({PLACES}/[\w./-]+|\.env\.example)`", document.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@every_document
def test_the_modules_that_it_names_exist(document: Path) -> None:
    for name in re.findall(MODULE, document.read_text("utf-8")):
        module, _, attribute = name.rpartition(".")
        is_module = find_spec(name) if find_spec(module) else None
        if is_module is None:
            spec = find_spec(module)
            assert spec is not None, name
            assert spec.origin is not None, name
            assert attribute in Path(spec.origin).read_text("utf-8"), name


@every_document
def test_its_pictures_are_described(document: Path) -> None:
    for described, picture in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", document.read_text("utf-8")):
        assert len(described) >= 20, picture


@every_document
def test_its_lines_are_short_enough_to_read_as_they_are(document: Path) -> None:
    """But for tables, whose rows are lines, and what is generated or grows by a line with each change."""
    if is_generated(document) or document.name == "CHANGELOG.md":
        return
    lines = document.read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > LONGEST_LINE and not line.startswith("|")] == []


@every_document
def test_commands_that_no_test_runs_are_known(document: Path) -> None:
    if not is_generated(document):
        commands = COMMAND.findall(document.read_text("utf-8"))
        assert [command for command in commands if not command.startswith(tuple(NOT_RUN))] == []


def test_no_reason_for_not_running_a_command_is_left_over() -> None:
    commands = [command for document in DOCUMENTS for command in COMMAND.findall(document.read_text("utf-8"))]
    assert [known for known in NOT_RUN if not any(command.startswith(known) for command in commands)] == []


def test_all_other_commands_and_programs_are_run() -> None:
    shown = re.compile(r"^```(?:console|python)$", re.MULTILINE)
    pages = {name_of(document) for document in DOCUMENTS if shown.search(document.read_text("utf-8"))}
    assert pages == {page for group in GROUPS for page in group}


@every_document
def test_its_parts_of_study_files_are_valid(document: Path) -> None:
    schema = study_schema()
    for told in (schema, schema["$defs"]["DataConfig"]):
        del told["required"]
    for written in re.findall(r"```toml\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
        jsonschema.validate(tomllib.loads(written), schema)


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").stat().st_size <= README_BYTES


def test_the_readme_begins_with_the_two_commands() -> None:
    assert re.match(
        r"# Proctor\n\n    make demo .*\n    make test .*\n", (ROOT / "README.md").read_text("utf-8")
    )


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_reference_is_what_the_code_says(name: str) -> None:
    """Else: `python -m docs.generator`."""
    assert (DIRECTORY / name).read_text("utf-8") == PAGES[name]()


def test_every_page_can_be_found() -> None:
    """In the table of contents of a code host, and in the site's."""
    pages = {document for document in DOCUMENTS if ROOT / "docs" in document.parents}
    contents = ROOT / "docs" / "README.md"
    assert pages - {linked for _, linked, _ in links(contents)} == {contents}
    navigation = (ROOT / "docs" / "site" / "zensical.toml").read_text("utf-8")
    assert [name_of(document) for document in DOCUMENTS if f'"{name_of(document)}"' not in navigation] == []
