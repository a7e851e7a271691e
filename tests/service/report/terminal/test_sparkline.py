"""Numbers as a line of blocks."""

from hypothesis import given
from hypothesis import strategies as st

from service.report.terminal.filled_lines import sparkline


@given(st.lists(st.floats(-1e9, 1e9), max_size=300), st.integers(1, 60))
def test_a_sparkline_fits_and_is_highest_for_the_greatest(values: list[float], width: int) -> None:
    line = sparkline(values, width)

    assert len(line) == min(len(values), width)
    if 0 < len(values) <= width and max(values) > min(values):
        assert line[values.index(max(values))] == "█"
        assert line[values.index(min(values))] == "▁"
