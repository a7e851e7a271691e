"""What the documents name is there: links with their headings, files, modules."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PLACES = r"(?:service|workers|search_spaces|tests|benchmarks|docs|examples|requirements|\.ci)"
MODULE = r"\b((?:service|workers|search_spaces|tests|benchmarks)(?:\.[a-z_]+)+)"
FENCED = re.compile(r"```.*?```", re.DOTALL)


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_its_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if re.match(r"https?:", target):
            continue
        place, _, anchor = target.partition("#")
        linked = document.parent / place if place else document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_the_files_that_it_names_exist(document: Path) -> None:
    named = re.findall(rf"`({PLACES}/[\w./-]+)`", document.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_the_modules_that_it_names_exist(document: Path) -> None:
    for name in re.findall(
        r"\b((?:service|workers|search_spaces|tests|benchmarks)(?:\.[a-z_]+)+)", document.read_text("utf-8")
    ):
        module, _, attribute = name.rpartition(".")
        is_module = find_spec(name) if find_spec(module) else None
        if is_module is None:
            spec = find_spec(module)
            assert spec is not None, name
            assert spec.origin is not None, name
            assert attribute in Path(spec.origin).read_text("utf-8"), name
