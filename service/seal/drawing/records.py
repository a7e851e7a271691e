"""Which rows are one record, for all who draw rows or leave some out: words that its rows share."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.configuration.split_config import EqualRowsRule
from service.seal.drawing.chance_meetings import MOST_ROWS, share_meeting_by_chance
from service.seal.drawing.equal_rows import (
    EqualRows,
    Meeting,
    are_common,
    counts_of_equals,
    lengths_of_runs,
    multiple_of,
    tell_meeting,
)
from service.seal.hashes.hash_order import hash_order
from service.seal.hashes.mixing import key_of, scrambled
from service.seal.hashes.row_hashes import row_hashes

_LATER = key_of("later occurrence")


class RowHashes(NamedTuple):
    """Hashes of a table's rows, each of shape (n_rows, 2), by what they are made of.

    Attributes
    ----------
    features
        The columns that rows are compared in: neither target, groups and times, nor ids.
    record
        All columns but ids and ignored ones.
    whole
        All columns.
    """

    features: NDArray[np.uint64]
    record: NDArray[np.uint64]
    whole: NDArray[np.uint64]


def records_of(
    features: pl.DataFrame,
    hashes: RowHashes,
    *,
    is_evidence: NDArray[np.bool_],
    rule: EqualRowsRule,
    do_few_matter: bool,
) -> tuple[NDArray[np.uint64], EqualRows]:
    """Return words that the rows of one record share and no others, shape (n_rows, 2), and what was decided.

    Words follow from values alone: the same rows have the same words in whatever order they come.

    - Of a table that is several copies of another, so many rows that are equal, target included, are one
      record.
    - Rows that together are more than a fiftieth of the table have common values; each is a record.
    - Other rows of equal features are one record, unless chance explains half of such meetings or more.

    Parameters
    ----------
    features
        The columns that rows are compared in.
    hashes
        Of the same rows.
    is_evidence
        The rows that decide, and that are counted: all but those of a test file, of which nothing is told.
    rule
        What the user asks for.
    do_few_matter
        Whether few equal rows matter, as they would join groups or be left out of the train set.
    """
    counts = counts_of_equals(hashes.features)
    is_alone, is_common = counts == 1, are_common(counts)
    of_evidence = counts_of_equals(hashes.features[is_evidence])
    n_times = multiple_of(hashes.record[is_evidence]) if np.any(of_evidence > 1) else 1
    if n_times > 1:
        meeting = Meeting.WHOLE_COPIES
    else:
        meeting = tell_meeting(
            of_evidence,
            share_by_chance=lambda: _share_by_chance(features, hashes.whole, is_evidence & ~is_common),
            do_few_matter=do_few_matter,
        )
    match rule, meeting:
        case EqualRowsRule.TOGETHER, _:
            is_one_record = ~is_alone
        case EqualRowsRule.AUTO, Meeting.NONE | Meeting.FEW | Meeting.COPIES:
            is_one_record = ~is_alone & ~is_common
        case _:
            is_one_record = np.zeros(len(counts), dtype=bool)
    rows_a_record = n_times if rule is EqualRowsRule.AUTO else 1
    words = _words(hashes.record, _occurrences(hashes) // np.uint64(rows_a_record))
    words[is_one_record] = hashes.features[is_one_record]
    return words, EqualRows(
        meeting=meeting,
        rule=rule,
        n_rows=len(of_evidence),
        n_meeting=int((of_evidence > 1).sum()),
        n_kept_together=int((counts_of_equals(words[is_evidence]) > 1).sum()),
        n_times=n_times,
    )


def _share_by_chance(
    features: pl.DataFrame, whole: NDArray[np.uint64], is_judged: NDArray[np.bool_]
) -> float:
    order = hash_order(whole[:, 0], whole[:, 1])
    judged = order[is_judged[order]]
    rows = judged
    if len(judged) > MOST_ROWS:
        rows = judged[np.random.default_rng(0).choice(len(judged), MOST_ROWS, replace=False)]
    sampled = features[rows]
    words = np.stack([row_hashes(sampled.select(name))[:, 0] for name in sampled.columns], axis=1)
    return share_meeting_by_chance(words, n_rows=len(judged), seed=0)


def _occurrences(hashes: RowHashes) -> NDArray[np.uint64]:
    """Return how many equal records come before a row's, in the order of whole rows, shape (n_rows,)."""
    record, whole = hashes.record, hashes.whole
    occurrence = np.zeros(len(record), dtype=np.uint64)
    repeated = np.flatnonzero(counts_of_equals(record) > 1)
    keys = (whole[repeated, 1], whole[repeated, 0], record[repeated, 1], record[repeated, 0])
    rows = repeated[np.lexsort(keys)]
    if len(rows):
        lengths = lengths_of_runs(record[rows])
        occurrence[rows] = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return occurrence


def _words(record: NDArray[np.uint64], occurrence: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return words that are others for each occurrence of a record; the first keeps its hash."""
    words = record.copy()
    later = np.flatnonzero(occurrence)
    moved = record[later] + occurrence[later, np.newaxis]
    words[later] = scrambled(moved.ravel(), key=_LATER).reshape(-1, 2)
    return words
