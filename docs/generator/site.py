"""What the site is built from, and whether all that the built pages point to is there.

`python -m docs.generator.site DIRECTORY` checks a site that was built.
"""

import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[2]
SOURCES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "docker-compose.yml")
"""What the pages link to at the top; the site has the repository's layout, so that links stay right."""

_ENDINGS = {".csv", ".js", ".md", ".png", ".svg", ".toml"}


def lay_out(directory: Path) -> None:
    """Copy the pages, and all that they show or link to, into a new directory as the repository has them."""
    source = directory / "source"
    shutil.rmtree(source, ignore_errors=True)
    for path in [*map(ROOT.joinpath, SOURCES), *_files(ROOT / "docs"), *_files(ROOT / "examples")]:
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copyfile(ROOT / "docs" / "site" / "zensical.toml", directory / "zensical.toml")


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in sorted(directory.rglob("*")) if path.suffix in _ENDINGS)


class _Targets(HTMLParser):
    """Collects what a page fetches as it is read, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of one element."""
        for name, value in attrs:
            if value and name == "src":
                self.fetched.append(value)
            elif value and name == "href":
                (self.fetched if tag == "link" else self.linked).append(value)


def faults_of(site: Path) -> list[str]:
    """Return what is wrong with a built site: what it would fetch from elsewhere, and what is not there."""
    return [fault for page in sorted(site.rglob("*.html")) for fault in _faults_of_page(page, site)]


def _faults_of_page(page: Path, site: Path) -> Iterator[str]:
    targets = _Targets()
    targets.feed(page.read_text("utf-8"))
    name = page.relative_to(site)
    for target in targets.fetched:
        if urlsplit(target).netloc:
            yield f"{name}: fetches {target}"
    for target in {*targets.fetched, *targets.linked}:
        address = urlsplit(target)
        if address.scheme or address.netloc or not address.path or page.name == "404.html":
            continue
        if not (page.parent / unquote(address.path)).exists():
            yield f"{name}: {target} does not exist"


if __name__ == "__main__":
    sys.exit("\n".join(faults_of(Path(sys.argv[1]))) or 0)
