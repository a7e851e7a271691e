"""Which rows are one record, for all who draw rows or leave some out: words that its rows share."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.configuration.data_config import EqualRowsRule
from service.seal.copies import counts_of_equals, judge, lengths_of_runs, multiple_of
from service.seal.hashes import key_of, scrambled
from service.seal.split_decisions import EqualRows, Meeting

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


class SplitFacts(NamedTuple):
    """What matters of a split for its records.

    Attributes
    ----------
    rule
        What the user asks for.
    decimal_comma
        Whether numbers are written with one.
    do_few_matter
        Whether a few equal rows matter, as they would join groups or be left out of the train set.
    is_by_time
        Whether times decide which rows are in which set.
    """

    rule: EqualRowsRule
    decimal_comma: bool
    do_few_matter: bool
    is_by_time: bool


def records_of(
    features: pl.DataFrame, hashes: RowHashes, facts: SplitFacts, *, is_evidence: NDArray[np.bool_]
) -> tuple[NDArray[np.uint64], EqualRows]:
    """Return words that the rows of one record share and no others, shape (n_rows, 2), and what was decided.

    Words follow from values alone: the same rows have the same words in whatever order they come.

    A table that is several copies of another is judged as that other one. Where chance brings equal rows
    together, each is a record, and of a table that is there k times, k rows that are equal with their target.
    Otherwise rows of equal features are one record, but for those whose values are common.

    Parameters
    ----------
    features
        The columns that rows are compared in.
    hashes
        Of the same rows.
    facts
        What else decides.
    is_evidence
        The rows that are judged and counted: all but those of a test file, of which nothing is reported.
    """
    is_alone = counts_of_equals(hashes.features) == 1
    if is_alone.all():  # nor are there equal records then: most tables need no more than this
        return hashes.record, EqualRows(
            meeting=Meeting.NONE,
            rule=facts.rule,
            n_rows=int(is_evidence.sum()),
            n_meeting=0,
            n_kept_together=0,
            n_times=1,
            is_by_time=facts.is_by_time,
        )
    occurrence = _occurrences(hashes, is_evidence)
    n_times = multiple_of(hashes.record[is_evidence])
    is_judged = is_evidence & (occurrence % np.uint64(n_times) == 0)
    judgment = judge(
        features if is_judged.all() else features.filter(pl.Series(is_judged)),
        hashes.features[is_judged],
        decimal_comma=facts.decimal_comma,
        do_few_matter=facts.do_few_matter,
    )
    common = hashes.features[is_judged][judgment.is_common]
    match facts.rule, judgment.meeting:
        case EqualRowsRule.APART, _:
            is_one_record = np.zeros(len(is_alone), dtype=np.bool_)
        case EqualRowsRule.TOGETHER, _:
            is_one_record = ~is_alone
        case _, Meeting.CHANCE:
            is_one_record = np.zeros(len(is_alone), dtype=np.bool_)
        case _:
            is_one_record = ~is_alone & ~np.isin(hashes.features[:, 0], common[:, 0])
    rows_a_record = 1 if facts.rule is EqualRowsRule.APART else n_times
    words = _words(hashes.record, occurrence // np.uint64(rows_a_record))
    words[is_one_record] = hashes.features[is_one_record]
    return words, EqualRows(
        meeting=Meeting.WHOLE_COPIES if n_times > 1 else judgment.meeting,
        rule=facts.rule,
        n_rows=int(is_evidence.sum()),
        n_meeting=int((counts_of_equals(hashes.features[is_evidence]) > 1).sum()),
        n_kept_together=0 if facts.is_by_time else int((counts_of_equals(words[is_evidence]) > 1).sum()),
        n_times=n_times,
        is_by_time=facts.is_by_time,
    )


def _occurrences(hashes: RowHashes, is_evidence: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return how many equal records come before a row's, shape (n_rows,): by evidence, then by whole rows."""
    record, whole = hashes.record, hashes.whole
    occurrence = np.zeros(len(record), dtype=np.uint64)
    repeated = np.flatnonzero(counts_of_equals(record) > 1)
    if len(repeated):
        keys = (*whole[repeated].T[::-1], ~is_evidence[repeated], *record[repeated].T[::-1])
        rows = repeated[np.lexsort(keys)]
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
