"""Pieces of text that fill lines and are never broken inside: a name keeps its value beside it."""

from collections.abc import Iterable

from rich.text import Text


def filled_lines(pieces: Iterable[Text], *, width: int, indent: str = "", gap: str = "  ") -> Text:
    """Set pieces side by side on as few lines as their order allows.

    Parameters
    ----------
    pieces
        Each stays whole, unless it is wider than a line by itself.
    width
        Columns of a line, the indent included.
    indent
        What each line begins with.
    gap
        What stands between two pieces of one line.
    """
    lines: list[Text] = []
    for piece in pieces:
        if lines and lines[-1].cell_len + len(gap) + piece.cell_len <= width:
            lines[-1].append(gap).append_text(piece)
        else:
            lines.append(Text(indent).append_text(piece))
    return Text("\n").join(lines)
