"""Markdown pieces: tables whose cells cannot break them, and anchors of headings."""

import html
import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `python -m docs.generator`: change the code, and run that. -->"
"""The first line of every page that is generated."""


def cell(text: str) -> str:
    """Return a text on one line, in which no bar ends a cell."""
    return " ".join(text.split()).replace("|", "\\|")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, with its header (n_columns,) and rows of as many cells."""
    lines = [header, ["---"] * len(header), *([cell(text) for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines).replace("| --- ", "|---") + "\n"


def code(text: str) -> str:
    """Return a text as it would be typed; nothing where there is none.

    A bar in it is written as an entity: in a table, code hosts and the site's Markdown escape it differently.
    """
    if "|" in text:
        return f"<code>{html.escape(text, quote=False).replace('|', '&#124;')}</code>"
    return f"`{text}`" if text else ""


def page(title: str, *parts: str) -> str:
    """Return a whole page from its title and its parts, an empty line between them."""
    return "\n\n".join([GENERATED, f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def anchor(heading: str) -> str:
    """Return the anchor of a heading, as code hosts and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
