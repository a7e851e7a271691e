"""Sizes by the rule or by fractions, and fractions that make no sense."""

import pytest

from service.seal.drawing.split_sizes import SplitSizes


@pytest.mark.parametrize(
    ("n_rows", "held_out"), [(5, 1), (14, 2), (1_000, 200), (50_000, 10_000), (1_000_000, 10_000)]
)
def test_the_rule_is_a_fifth_and_at_most_ten_thousand(n_rows: int, held_out: int) -> None:
    assert SplitSizes().counts(n_rows) == (held_out, held_out)


def test_fractions_are_of_all_rows_and_not_bounded() -> None:
    assert SplitSizes(0.3, 0.29).counts(100_000) == (30_000, 29_000)
    assert SplitSizes(0, 0.29).counts(100) == (0, 29)


@pytest.mark.parametrize(
    ("fractions", "message"),
    [
        ((1.0, 0.0), "expected a dev fraction of at least 0 and below 1, got 1.0"),
        ((0.1, -0.1), "expected a test fraction of at least 0 and below 1, got -0.1"),
        ((float("nan"), 0.1), "expected a dev fraction .* got nan"),
        ((0.5, 0.5), "that leave train rows, got 0.5 and 0.5"),
    ],
)
def test_fractions_that_leave_no_train_rows_are_refused(fractions: tuple[float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SplitSizes(*fractions)


@pytest.mark.parametrize(
    ("sizes", "n_rows", "message"),
    [
        (SplitSizes(), 4, "expected at least one dev row, got less: a fifth of 4 rows"),
        (
            SplitSizes(0.5, 0.01),
            30,
            "expected at least one test row, got less: a share of 0.01 of 30 rows",
        ),
        (
            SplitSizes(0.6, 0.39),
            2,
            "expected at least one train row: of 2 rows, 1 would be dev and 1 test",
        ),
    ],
)
def test_too_few_rows_are_refused(sizes: SplitSizes, n_rows: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sizes.counts(n_rows)
