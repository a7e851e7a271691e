"""What a table's equal rows are: copies of one record, or records that agree by chance.

A record that was entered twice must not be in two sets, or its answer is known before it is asked for.
Records that agree because their columns have few values must be split like any others: kept together, they
would make a test set of rows that no train row resembles. The target never tells which they are; rows would
else be divided by their answers.
"""

from collections.abc import Callable
from enum import StrEnum, auto

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.special import bdtrc

from service.configuration.split_config import EqualRowsRule
from service.seal.hashes.hash_order import hash_order

FEW = 0.05
"""Share of rows that meet which is too small to matter: kept together, they move no figure."""

LEAST_BY_CHANCE = 0.5
"""Share of the meetings that chance has to explain, for all of them to be taken as chance."""

_LARGEST_SHARE_OF_A_RECORD, _MOST_COPIES = 0.02, 10
"""Nobody enters a record that often: rows that are more than both have values that are common."""

LEAST_SINGLE = 0.5
"""Share of the distinct rows that are there once, for the others to be copies: copying is the exception."""

_LEAST_IN_ONE_MULTIPLE, _HIGHEST_MULTIPLE = 0.75, 20
"""A table is several copies of another, and perhaps some rows more, where most counts of equal rows are
multiples of one number, the highest that is tried being 20."""

_BY_LUCK = 1e-3
"""Of a number k one count in k is a multiple: chance of so many multiples that is luck no more."""


class Meeting(StrEnum):
    """What the rows are that equal another one in every feature."""

    NONE = auto()
    FEW = auto()
    COPIES = auto()
    WHOLE_COPIES = auto()
    CHANCE = auto()


class EqualRows(BaseModel):
    """What was decided about the rows that equal another one in every feature."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    meeting: Meeting
    """What they are, by the evidence of the table itself: copies of some records, or of all (whole copies),
    records that agree by chance, too few to matter, or none."""

    rule: EqualRowsRule
    """What the user asked for; `auto` follows the evidence."""

    n_rows: int
    """Rows of the table, a test file's aside."""

    n_meeting: int
    """Rows that equal another one in every feature."""

    n_kept_together: int
    """Rows that are in one set with the others of their record."""

    n_times: int
    """How often each record is there, where the whole table is repeated; else 1."""

    @property
    def sentence(self) -> str | None:
        """What a person should know of it; None where no rows are equal."""
        if not self.n_meeting:
            return None
        found = f"{self.n_meeting:,} of {self.n_rows:,} rows equal another row in every feature"
        if self.rule is not EqualRowsRule.AUTO:
            done = "kept in one set" if self.rule is EqualRowsRule.TOGETHER else "split independently"
            return f'{found}: they are {done}, as equal_rows = "{self.rule}" asks'
        match self.meeting:
            case Meeting.WHOLE_COPIES:
                return f"each record is there {self.n_times} times: its copies are kept in one set"
            case Meeting.CHANCE:
                return f"{found}, as chance alone would bring: they are split independently"
            case Meeting.COPIES:
                told = f"{found}, more than chance would bring: copies are kept in one set"
            case _:
                told = f"{found}: they are kept in one set"
        n_common = self.n_meeting - self.n_kept_together
        return f"{told}, {n_common:,} rows of common values are split independently" if n_common else told


def counts_of_equals(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many rows each row equals, itself among them, shape (n_rows,)."""
    counts = np.ones(len(hashes), dtype=np.int64)
    rows = _sharing_a_word(hashes)
    if len(rows) == 0:
        return counts
    in_order = rows[hash_order(hashes[rows, 0], hashes[rows, 1])]
    lengths = lengths_of_runs(hashes[in_order])
    counts[in_order] = np.repeat(lengths, lengths)
    return counts


def lengths_of_runs(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many equal rows follow each other, run by run, shape (n_runs,), of rows in order."""
    is_other = np.any(hashes[1:] != hashes[:-1], axis=1)
    return np.diff(np.concatenate([[0], np.flatnonzero(is_other) + 1, [len(hashes)]]))


def _sharing_a_word(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows whose first word another row has: mostly none, which is seen without sorting rows."""
    words = np.ascontiguousarray(hashes[:, 0])
    in_order = np.sort(words)
    shared = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    if len(shared) == 0:
        return np.empty(0, dtype=np.intp)
    places = np.searchsorted(shared, words)
    return np.flatnonzero(shared[np.minimum(places, len(shared) - 1)] == words)


def are_common(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Mark the rows that are there too often to be copies of one record, shape (n_rows,).

    Parameters
    ----------
    counts
        How many rows each row equals, from `counts_of_equals`.
    """
    return (counts > _MOST_COPIES) & (counts > _LARGEST_SHARE_OF_A_RECORD * len(counts))


def multiple_of(records: NDArray[np.uint64]) -> int:
    """Return how often each record is there: the largest number that most counts are multiples of, or 1.

    Parameters
    ----------
    records
        Hashes of the rows, the target included, shape (n_rows, 2).
    """
    _, counts = np.unique(records[:, 0], return_counts=True)
    for k in range(_HIGHEST_MULTIPLE, 1, -1):
        n_multiples = np.count_nonzero(counts % k == 0)
        is_luck = bdtrc(n_multiples - 1, len(counts), 1 / k) > _BY_LUCK  # binomial: so many, or more
        if n_multiples >= _LEAST_IN_ONE_MULTIPLE * len(counts) and not is_luck:
            return k
    return 1


def tell_meeting(
    counts: NDArray[np.int64], *, share_by_chance: Callable[[], float], do_few_matter: bool
) -> Meeting:
    """Tell what equal rows are, those aside that are common, in a table that is not repeated as a whole.

    Parameters
    ----------
    counts
        How many rows each row equals, itself among them, shape (n_rows,).
    share_by_chance
        Estimates the share of rows, the common ones aside, that would meet by chance; asked where it matters.
    do_few_matter
        Whether a few wrongly taken as one record would do harm.
    """
    judged = counts[~are_common(counts)]
    n_meeting = np.count_nonzero(judged > 1)
    if not np.any(counts > 1):
        return Meeting.NONE
    if n_meeting == 0:
        return Meeting.CHANCE
    if n_meeting < FEW * len(counts) and not do_few_matter:
        return Meeting.FEW
    n_single, n_distinct = np.count_nonzero(judged == 1), np.sum(1 / judged)
    if n_single < LEAST_SINGLE * n_distinct:
        return Meeting.CHANCE
    return (
        Meeting.CHANCE if share_by_chance() >= LEAST_BY_CHANCE * n_meeting / len(judged) else Meeting.COPIES
    )
