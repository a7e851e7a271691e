"""Cells, numbers and dates in an analysis: short, and different where they differ."""

import pytest

from service.winner.examination.dev_analysis.predicted_set import (
    date_texts,
    number_text,
    number_texts,
    shortened,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3.0, "3"),
        (2008.0, "2008"),
        (3.14159265, "3.1416"),
        (215432.7, "215433"),
        (1234567.0, "1234567"),
        (-0.000012345678, "-1.2346e-05"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        (float("-inf"), "-inf"),
    ],
)
def test_a_number_has_five_digits_or_all_up_to_its_point(number: float, text: str) -> None:
    assert number_text(number) == text


def test_numbers_that_five_digits_do_not_tell_apart_have_all_of_theirs() -> None:
    assert number_texts([1.5, 2.5]) == ["1.5", "2.5"]
    assert number_texts([1.5, 1.5]) == ["1.5", "1.5"]
    assert number_texts([1.5, 1.500001]) == ["1.5", "1.5000009999999999"]


def test_a_date_has_a_time_of_day_unless_all_are_midnights() -> None:
    day = 86_400_000_000
    assert date_texts([0, day]) == ["1970-01-01", "1970-01-02"]
    assert date_texts([0, day + 61_000_000]) == ["1970-01-01 00:00:00", "1970-01-02 00:01:01"]
    assert date_texts([-(2**55)])[0].startswith("0828-")


def test_a_long_text_ends_after_60_characters_and_is_else_as_it_was() -> None:
    assert shortened("a\x1b[31m<b>") == "a\x1b[31m<b>"
    assert shortened("x" * 60) == "x" * 60
    assert shortened("x" * 61) == "x" * 59 + "…"
