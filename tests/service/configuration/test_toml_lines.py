"""A key's line is found without a parser of our own."""

import tomllib

import pytest

from service.configuration.study_file import Key, line_and_reason, line_of_key

TEXT = """\
# a comment
trials = 10
sizes = [
  1,
  2,
]
[space.depth]
low = 1
[space.width]
low = { nested = "x" }
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("trials",), 2),
        (("sizes",), 6),
        (("sizes", 1), 6),
        (("space",), 7),
        (("space", "depth"), 7),
        (("space", "depth", "low"), 8),
        (("space", "width", "low", "nested"), 10),
    ],
)
def test_a_key_stands_where_its_value_is_complete(path: tuple[Key, ...], line: int) -> None:
    assert line_of_key(TEXT, path) == line


def test_a_missing_key_stands_where_its_table_does() -> None:
    assert line_of_key(TEXT, ("space", "depth", "high")) == 7
    assert line_of_key(TEXT, ("sizes", 9)) == 6


def test_a_key_that_leads_nowhere_has_no_line() -> None:
    assert line_of_key(TEXT, ("pruner", "kind")) is None
    assert line_of_key(TEXT, ()) is None


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("trials = 1\nseed =\n", 2, "Invalid value"),
        ("trials = 1\n[data\n", 2, "Expected ']'"),
        ('trials = 1\nname = "digits', 2, "Unterminated string"),
        ("trials = 1\n\ntrials = 2\n", 3, "Cannot overwrite a value"),
    ],
)
def test_a_syntax_error_has_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match="at ") as caught:
        tomllib.loads(text)
    found_line, found_reason = line_and_reason(caught.value, text)
    assert found_line == line
    assert found_reason.startswith(reason)
    assert "(at" not in found_reason
