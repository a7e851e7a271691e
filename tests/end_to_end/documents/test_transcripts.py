"""What a page shows is held against what is printed, and brought up to date."""

import pytest

from tests.end_to_end.documents.rewrite import up_to_date
from tests.end_to_end.documents.transcripts import Block, blocks_of, distinct_blocks, not_printed

PRINTED = [
    "study houses: /tmp/x/houses.csv",
    "  network   12,001 / 0.93",
    "Test RMSE 15,000, 95 % interval 13,000 to 17,000",
    "Next: get more data (gains at most 2,864)",
]


def block(*shown: str) -> Block:
    return Block("docs/page.md", "proctor run houses.csv", shown)


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (["...", "Test RMSE 1.5, 95 % interval 1 to 2", "..."], []),
        (["study houses: /home/you/houses.csv", "Next: get more data (gains at most 3)"], []),
        (["Test MAE 15,000, 95 % interval 13,000 to 17,000"], [0]),
        (["Next: get more data (gains at most 2)", "Test RMSE 1, 95 % interval 1 to 2"], [1]),
        (["  a table's   line is not compared"], []),
    ],
)
def test_a_line_is_missed_if_it_is_not_printed_or_elsewhere(shown: list[str], missing: list[int]) -> None:
    assert not_printed(block(*shown), PRINTED) == [shown[place] for place in missing]


def test_shown_lines_become_those_that_are_printed_now() -> None:
    shown = ["...", "  network   11,000 / 0.9", "...", "Test RMSE 14,000, 95 % interval 12,000 to 16,000"]
    assert list(up_to_date(block(*shown), PRINTED)) == ["...", PRINTED[1], "...", PRINTED[2]]


def test_a_line_with_nothing_like_it_stays_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ["Looks at this test set: 1 by this study"]
    assert list(up_to_date(block(*shown), PRINTED)) == shown
    assert "prints nothing like" in capsys.readouterr().err


def test_a_page_is_taken_apart_into_commands_with_their_lines_and_programs() -> None:
    blocks = list(blocks_of("README.md"))
    assert blocks[0].source.startswith("proctor run houses.csv")
    assert blocks[0].shown[-2].startswith("Reproduce: ")
    assert [one.is_program for one in blocks].count(True) == 1


def test_what_an_earlier_page_has_run_is_not_run_again() -> None:
    once = distinct_blocks(["docs/how-to/searching.md"])
    assert distinct_blocks(["docs/how-to/searching.md", "docs/how-to/searching.md"]) == once
