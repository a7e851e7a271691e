"""A console whose screen is text that a test can read."""

from io import StringIO

from rich.console import Console


def paper(*, is_terminal: bool = False, width: int = 80, height: int = 60) -> Console:
    """Make a console of this size that prints into a string."""
    return Console(
        file=StringIO(), width=width, height=height, force_terminal=is_terminal, legacy_windows=False
    )


def text_of(console: Console) -> str:
    """Return what was printed on paper."""
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def words(text: str) -> str:
    """Return a text without its line breaks and columns."""
    return " ".join(text.split())
