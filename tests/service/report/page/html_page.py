"""A page taken apart by the standard library's parser: elements, attributes and texts."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "link", "input"}


@dataclass
class Element:
    """An element, with what lies in it."""

    tag: str
    attributes: dict[str, str]
    content: list["str | Element"] = field(default_factory=list)

    @property
    def children(self) -> list["Element"]:
        """The elements in it."""
        return [part for part in self.content if isinstance(part, Element)]

    def all(self, tag: str) -> list["Element"]:
        """Return all elements of a tag below this one."""
        below = [found for child in self.children for found in child.all(tag)]
        return [self, *below] if self.tag == tag else below

    @property
    def words(self) -> str:
        """All text below, in one line."""
        return " ".join(self.all_text().split())

    def all_text(self) -> str:
        """Return all text below, with spaces between elements."""
        gap = "" if self.tag == "abbr" else " "
        parts = (part if isinstance(part, str) else part.all_text() for part in self.content)
        return f"{gap}{''.join(parts)}{gap}"


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].content.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parsed(page: str) -> Element:
    """Take a page apart; each element must be closed where it was opened."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is never closed"
    return parser.open[0]
