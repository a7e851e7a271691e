"""Pieces on lines: whole, in order, and on no more lines than needed. Numbers as a line of blocks."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from service.report.terminal.screen import filled_lines, sparkline

pieces = st.lists(st.text("ab 表é[]", min_size=1, max_size=12).filter(lambda piece: piece.strip() == piece))


@given(pieces, st.integers(26, 60))
def test_every_piece_is_whole_and_every_line_fits_and_is_full(words: list[str], width: int) -> None:
    lines = filled_lines(map(Text, words), width=width, indent="  ").plain.split("\n")

    rest = words
    for line in lines if words else ():
        n = next(n for n in range(len(rest), 0, -1) if line == "  " + "  ".join(rest[:n]))
        rest = rest[n:]
        assert cell_len(line) <= width
        assert not rest or cell_len(f"{line}  {rest[0]}") > width
    assert not rest


def test_a_piece_wider_than_a_line_has_a_line_of_its_own() -> None:
    said = filled_lines([Text("a"), Text("b" * 9), Text("c")], width=6)
    assert said.plain.split("\n") == ["a", "b" * 9, "c"]


def test_styles_are_kept() -> None:
    said = filled_lines([Text("a", "bold"), Text("b")], width=10)
    assert [said.plain[span.start : span.end] for span in said.spans if span.style == "bold"] == ["a"]


@given(st.lists(st.floats(-1e9, 1e9), max_size=300), st.integers(1, 60))
def test_a_sparkline_fits_and_is_highest_for_the_greatest(values: list[float], width: int) -> None:
    line = sparkline(values, width)

    assert len(line) == min(len(values), width)
    if 0 < len(values) <= width and max(values) > min(values):
        assert line[values.index(max(values))] == "█"
        assert line[values.index(min(values))] == "▁"
