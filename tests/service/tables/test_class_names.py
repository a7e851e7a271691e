"""Classes whose names nearly agree are said, with their examples; other classes are not."""

import numpy as np
import pytest

from service.tables.class_names import similar_names

BEFORE = "classes that differ only in case or blanks, with their known examples: "


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("no", "yes"), ""),
        (("New York", "NewYork", "New-York"), ""),
        (("1", "01"), ""),
        ((), ""),
        (("Yes", "no", "YES", "yes"), f"{BEFORE}'Yes' (10), 'YES' (1,012) and 'yes' (1,013)"),
        (("New York", "New  York"), f"{BEFORE}'New York' (10) and 'New  York' (1,011)"),
        (("Straße", "STRASSE"), f"{BEFORE}'Straße' (10) and 'STRASSE' (1,011)"),
        (("a", "b", "A", "B"), f"{BEFORE}'a' (10) and 'A' (1,012); 'b' (1,011) and 'B' (1,013)"),
        (("caf\u00e9", "cafe\u0301"), f"{BEFORE}'caf\u00e9' (10) and 'cafe\u0301' (1,011)"),
    ],
)
def test_names_that_differ_only_in_case_or_blanks_are_said(names: tuple[str, ...], said: str) -> None:
    y = np.repeat(np.arange(4), [10, 1011, 1012, 1013])
    assert similar_names(names, y) == said


def test_of_many_groups_a_few_are_listed() -> None:
    names = [name for letter in "abcde" for name in (letter, letter.upper())]
    said = similar_names(names, np.arange(30) % 10)
    assert said.endswith("; 'c' (3) and 'C' (3); and 2 more")
