"""Numbers as CSV: in full, and never a formula."""

import csv
from io import StringIO

import pytest

from service.report.page.blocks import Numbers
from service.report.page.html_blocks import csv_text


def test_numbers_come_back_as_they_were() -> None:
    numbers = Numbers("n", ("a", "b,c"), ((0.1 + 0.2, 'say "x"\nagain'), (None, -3)))
    rows = list(csv.reader(StringIO(csv_text(numbers))))
    assert rows == [["a", "b,c"], [repr(0.1 + 0.2), 'say "x"\nagain'], ["", "-3"]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_text_is_no_formula(text: str) -> None:
    (_, (cell,)) = csv.reader(StringIO(csv_text(Numbers("n", ("a",), ((text,),)))))
    assert cell == f"'{text}"
