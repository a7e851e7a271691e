"""Whether the rows of a dev file come from the source of the train rows, tested column by column.

The rule must come out alike whenever a study is read again: on another machine, or with its rows in another
order. So it counts, and trains nothing.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.configuration.data_config import TrainDevRule
from service.seal.drawing.train_dev_decision import TrainDevDecision
from service.seal.hashes.mixing import key_of, scrambled
from service.seal.splits import KnownExamples
from service.uncertainty.hypothesis_tests import p_of_categories, p_of_numbers, rejected

LEVEL = 0.01
"""Share of studies of one source in which a train-dev set is set aside for nothing (fraction)."""

MOST_ROWS = 10_000
"""Rows of each set that are compared; with more, differences show that make no difference."""

MOST_CATEGORIES_THAT_ARE_NUMBERS = 20
"""Numbers with no more distinct values are compared value by value: what is equal has no distance."""


def decide_train_dev(  # noqa: PLR0913 (what a decision is made by, each by its name)
    rule: TrainDevRule,
    known: KnownExamples,
    is_dev: NDArray[np.bool_],
    *,
    values: pl.DataFrame,
    target: str,
    seed: int,
) -> TrainDevDecision:
    """Decide whether train rows are set aside as a train-dev set.

    Each column that is learned from, and the target, is compared between the dev rows and all others: numbers
    and dates by the largest distance between their cumulative distributions, all else, and numbers of few
    values, by chi-square. A missing cell counts as a value. The columns that Holm's procedure rejects are
    apart. How columns go together, or with the target, is not looked at.

    Of rows that came as one, a row is compared: they say one thing.

    Parameters
    ----------
    rule
        What the user asked for.
    known
        The known examples; their order does not matter.
    is_dev
        Which of them are the dev set's (n_known,).
    values
        What is learned from (n_known rows).
    target
        The target's name.
    seed
        The study's; it decides which of many rows are compared.
    """
    train, dev = (_compared(known, of_set, seed=seed) for of_set in (~is_dev, is_dev))
    names = [*values.columns, target]
    p = np.array(
        [
            *(_p_of(column.gather(train), column.gather(dev)) for column in values.iter_columns()),
            _p_of(
                pl.Series(known.y[train]), pl.Series(known.y[dev]), is_of_classes=known.y.dtype.kind == "i"
            ),
        ]
    )
    found = sorted((p[index], names[index]) for index in np.flatnonzero(rejected(p, LEVEL)))
    return TrainDevDecision(
        rule=rule,
        n_train=len(train),
        n_dev=len(dev),
        n_columns=len(names),
        columns=tuple(name for _, name in found),
        p_value=min(1.0, float(p.min()) * len(p)),
    )


def _compared(known: KnownExamples, of_set: NDArray[np.bool_], *, seed: int) -> NDArray[np.intp]:
    """Return some rows of a set, one of each unit, by what they hold and not by where they stand."""
    rows = np.flatnonzero(of_set)
    first, second = known.records[rows].T
    drawn = scrambled(np.ascontiguousarray(first), key=key_of("train-dev", seed))
    rows = rows[np.lexsort((known.y[rows], second, drawn))]  # copies of a record may differ in their target
    if known.units is not None:
        _, first_of_unit = np.unique(known.units[rows], return_index=True)
        rows = rows[np.sort(first_of_unit)]
    return rows[:MOST_ROWS]


def _p_of(train: pl.Series, dev: pl.Series, *, is_of_classes: bool = False) -> float:
    both = pl.concat([train, dev])
    if both.dtype.is_temporal():
        both = both.dt.epoch("us")
    if both.dtype.is_numeric() and not is_of_classes:
        both = both.cast(pl.Float64).fill_nan(None)
        if both.n_unique() > MOST_CATEGORIES_THAT_ARE_NUMBERS:
            numbers = both.fill_null(-np.inf).to_numpy()
            return p_of_numbers(numbers[: len(train)], numbers[len(train) :])
    codes = both.rank("dense").fill_null(0).to_numpy().astype(np.intp)
    n_codes = codes.max(initial=0) + 1
    return p_of_categories(
        np.bincount(codes[: len(train)], minlength=n_codes),
        np.bincount(codes[len(train) :], minlength=n_codes),
    )
