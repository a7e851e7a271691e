"""A noun stands in the plural unless there is one of it."""

import pytest

from search_spaces.counted import counted


@pytest.mark.parametrize(("n", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (12_000, "12,000 rows")])
def test_a_noun_goes_with_its_number(n: int, text: str) -> None:
    assert counted(n, "row") == text
