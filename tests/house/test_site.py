"""The documents as a site: what it is built from is complete, and what is wrong with a built one is found."""

import tomllib
from pathlib import Path

import pytest

from docs.generator.site import faults_of, lay_out
from tests.house.checkout import ROOT


@pytest.mark.parametrize(
    ("tag", "fault"),
    [
        ('<a href="b.html#part">', None),
        ('<a href="https://example.org/">', None),
        ('<a href="#part">', None),
        ('<img src="deep/c%20d.png">', None),
        ('<a href="no.html">', "a.html: no.html does not exist"),
        ('<img src="no.png">', "a.html: no.png does not exist"),
        ('<script src="https://unpkg.com/x">', "a.html: fetches https://unpkg.com/x"),
        (
            '<link href="//fonts.example.org/x.css" rel="stylesheet">',
            "a.html: fetches //fonts.example.org/x.css",
        ),
    ],
)
def test_what_is_missing_or_comes_from_elsewhere_is_found(
    tag: str, fault: str | None, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c d.png").touch()
    (tmp_path / "b.html").touch()
    (tmp_path / "a.html").write_text(tag)
    assert faults_of(tmp_path) == ([fault] if fault else [])


def test_what_is_laid_out_has_every_page_of_the_navigation_and_nothing_of_before(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "old.md").touch()
    lay_out(tmp_path)
    settings = tomllib.loads((tmp_path / "zensical.toml").read_text("utf-8"))["project"]
    pages = [page for entry in settings["nav"] for page in _pages(entry)]
    assert len(pages) > 20
    assert [page for page in pages if not (tmp_path / settings["docs_dir"] / page).exists()] == []
    assert not (tmp_path / "source" / "old.md").exists()


def _pages(entry: dict[str, object]) -> list[str]:
    ((_, value),) = entry.items()
    return (
        [value] if isinstance(value, str) else [page for inner in _entries(value) for page in _pages(inner)]
    )


def _entries(value: object) -> list[dict[str, object]]:
    assert isinstance(value, list)
    return value


def test_the_search_takes_our_worker_and_no_script_from_elsewhere() -> None:
    """The generator adds one from a server unless a script of this name is there."""
    settings = tomllib.loads((ROOT / "docs" / "site" / "zensical.toml").read_text("utf-8"))["project"]
    (polyfill,) = settings["extra"]["polyfills"]
    assert "iframe-worker" in polyfill["path"]
    assert (ROOT / polyfill["path"]).exists()
    assert settings["theme"]["font"] is False
