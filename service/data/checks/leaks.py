"""What a dev set's figures leak by: columns that tell the target by themselves, and near-duplicates.

A near-duplicate is a dev example that a train example resembles in all but little. The split cannot keep
them apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import log

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from service.data.checks.data_warning import Concern, DataWarning, KnownData, columns_line
from service.seal.hashes import scramble
from service.tables.column_kinds import ColumnKind
from workers.train_dev_data import Task

MOST_EXAMPLES = 5000
"""Most examples that are used: a column that leaks the target does so in any of them."""

_MOST_CELLS = 2_000_000
_FEWEST_DRAWN = 1000
"""Examples drawn of very wide tables, so that they take seconds."""

FEWEST_EXAMPLES = 40
"""With fewer a column may tell all of them by luck."""

LEAST_ACCURACY = 0.99
LEAST_R_SQUARED = 0.995
LEAST_RANK_CORRELATION = 0.9995
"""Its square is 0.999; copies of the target in another unit, or its logarithm, have 1."""

MOST_ERROR_LEFT = 0.1
"""Of a constant prediction's errors, what a telling column leaves at most: rare classes come for nothing."""

_FEWEST_LEAVES = 64
_LEAVES_A_CLASS = 4
_LEAVES_OF_NUMBERS = 200

Targets = NDArray[np.int64] | NDArray[np.float64]


def telling_columns(values: pl.DataFrame, y: Targets, *, task: Task, seed: int) -> Mapping[str, float]:
    """Return the columns that tell the target nearly perfectly, with the accuracy or R² that each reaches.

    A small decision tree on the column alone is grown on one half of the examples and judged on the other;
    in regression Spearman's rank correlation is asked, too, which no heavy tail of the target hides. 5,000
    examples at most are drawn, fewer of very wide tables, so that it takes seconds.

    Parameters
    ----------
    values
        The columns' values, as `service.tables.columns.typed_frame` makes them.
    y
        Class indices, or numbers (n_examples,).
    task
        Which of the two.
    seed
        Source of what is drawn.
    """
    if len(y) < FEWEST_EXAMPLES or values.width == 0:
        return {}
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"telling columns")]))
    n_drawn = min(MOST_EXAMPLES, max(_FEWEST_DRAWN, _MOST_CELLS // values.width))
    rows = rng.permutation(len(y))[:n_drawn]
    drawn, targets = values[rows], y[rows]
    scored = _accuracy if task is Task.CLASSIFICATION else _r_squared
    with threadpool_limits(1):
        scores = {column.name: scored(column, targets) for column in drawn}
    return {name: score for name, score in scores.items() if score is not None}


def _accuracy(column: pl.Series, y: Targets) -> float | None:
    """Return the accuracy on the second half where it is nearly perfect; else None."""
    n = len(y) // 2
    x = _places(column, y, n_grown_on=n)[:, np.newaxis]
    n_leaves = max(_FEWEST_LEAVES, _LEAVES_A_CLASS * len(np.unique(y)))
    tree = DecisionTreeClassifier(max_leaf_nodes=n_leaves, random_state=0).fit(x[:n], y[:n])
    accuracy = float(tree.score(x[n:], y[n:]))
    commonest = float(np.mean(y[n:] == np.bincount(y[:n].astype(np.int64)).argmax()))
    is_telling = accuracy >= LEAST_ACCURACY and 1 - accuracy <= MOST_ERROR_LEFT * (1 - commonest)
    return accuracy if is_telling and commonest < 1 else None


def _r_squared(column: pl.Series, y: Targets) -> float | None:
    """Return the R² on the second half, or the squared rank correlation, where nearly perfect; else None."""
    n = len(y) // 2
    x = _places(column, y, n_grown_on=n)
    if column.dtype != pl.String and np.ptp(x) > 0:
        ranks = pl.DataFrame({"x": x, "y": y}).select(pl.all().rank())
        correlation = abs(float(np.corrcoef(ranks["x"], ranks["y"])[0, 1])) if np.ptp(y) > 0 else 0.0
        if correlation >= LEAST_RANK_CORRELATION:
            return correlation**2
    tree = DecisionTreeRegressor(max_leaf_nodes=_LEAVES_OF_NUMBERS, random_state=0)
    score = float(tree.fit(x[:n, np.newaxis], y[:n]).score(x[n:, np.newaxis], y[n:]))
    return score if score >= LEAST_R_SQUARED else None


def _places(column: pl.Series, y: Targets, *, n_grown_on: int) -> NDArray[np.float64]:
    """Return a column as numbers that a tree can cut, which take them as float32: (n,).

    A cell's place is its rank among the distinct numbers of the half that is grown on; between two of them it
    is interpolated, so that a cut in the middle lies in the middle of the numbers, too. Infinities lie beyond
    the ends, missing cells below all. Categories count as the mean target of each in that half, and an unseen
    one as missing: a tree could not name many by cuts of any other order.
    """
    if column.dtype == pl.String:
        frame = pl.DataFrame({"cell": column, "y": y})
        means = frame.head(n_grown_on).drop_nulls("cell").group_by("cell").agg(pl.mean("y"))
        joined = frame.select("cell").join(means, on="cell", how="left", maintain_order="left")
        column = joined["y"]
    elif column.dtype.is_temporal():
        column = column.dt.epoch("us")
    cells: NDArray[np.float64] = column.cast(pl.Float64).to_numpy() / 2  # halves have finite differences
    grown_on = cells[:n_grown_on]
    distinct = np.unique(grown_on[np.isfinite(grown_on)])
    if not len(distinct):
        distinct = np.zeros(1)
    places = np.interp(cells, distinct, np.arange(len(distinct)))
    places[np.isneginf(cells)] = -1
    places[np.isposinf(cells)] = len(distinct)
    places[np.isnan(cells)] = -2
    return places


def leaks(data: KnownData) -> Iterator[DataWarning]:
    """Warn of columns that predict the target nearly perfectly; pixels are not tested."""
    asked = [
        column.name
        for column in data.columns
        if column.is_learned_from and column.kind is not ColumnKind.IMAGE
    ]
    telling = telling_columns(data.values.select(asked), data.y, task=data.task, seed=data.seed)
    for name, score in telling.items():
        figure = (
            f"{100 * score:.1f} % of rows right" if data.task is Task.CLASSIFICATION else f"R² {score:.4f}"
        )
        yield DataWarning(
            about=Concern.LEAK,
            column=name,
            sentence=f"predicts the target by itself: {figure}",
            remedy=f"if it is known only after the target, {columns_line(name, ColumnKind.IGNORE)}",
        )


N_DIGITS = 3
"""Significant digits in which numbers have to agree."""

LEAST_SHARE = 0.02
"""Of the dev examples: fewer move no figure."""

MOST_BY_CHANCE = 1e-3
"""Train examples that agree with a dev example by chance: what agrees more often is no evidence."""

_ROWS_COUNTED = 10_000
"""Rows, evenly spaced, from which we estimate how often two cells of a column agree."""

_TABLE_BITS = 20


def near_duplicates(data: KnownData) -> Iterator[DataWarning]:
    """Warn where at least one dev example in fifty has a train example that is nearly the same.

    Where even equal rows are independent records, nearly equal ones are, too.
    """
    if len(data.folds) > 1 or data.do_rows_agree_by_chance:
        return
    (fold,) = data.folds
    n_near = count_near_duplicates(data.values, fold.train, fold.dev)
    if n_near >= LEAST_SHARE * len(fold.dev):
        yield DataWarning(
            about=Concern.DUPLICATES,
            column=None,
            sentence=(
                f"{n_near:,} of {len(fold.dev):,} dev examples equal a train example in all columns but one"
            ),
            remedy="if they belong to the same person or thing, declare the column that identifies it as"
            ' "group" under [columns]',
        )


def count_near_duplicates(values: pl.DataFrame, train: NDArray[np.int64], dev: NDArray[np.int64]) -> int:
    """Count the dev examples that agree with a train example in all columns but one, or in rounded numbers.

    A row's hash is the sum of its cells' hashes, so that less one of them it is the hash of the other
    columns: time and memory are linear in the rows, and time in the columns. Where the columns compared are
    so few and coarse that rows agree by chance (as if columns were independent), nothing is counted.

    Parameters
    ----------
    values
        The columns' values, as `service.tables.columns.typed_frame` makes them.
    train, dev
        Rows of the two sets.
    """
    chances = [_log_chance(column) for column in values]
    is_near = np.zeros(len(dev), dtype=bool)
    sums = _row_sums(values)
    for place, column in enumerate(values):
        if _is_telling(chances[:place] + chances[place + 1 :], n_train=len(train)):
            hashes = sums - _cell_hashes(column, place)
            is_near |= _is_among(hashes[train], hashes[dev])
    if _is_telling([_log_chance(_rounded(column)) for column in values], n_train=len(train)):
        hashes = _row_sums(_rounded(column) for column in values)
        is_near |= _is_among(hashes[train], hashes[dev])
    return int(is_near.sum())


def _is_telling(chances: Sequence[float], *, n_train: int) -> bool:
    """Tell whether hardly any train example agrees by chance with a row in columns of these chances."""
    return sum(chances) + log(n_train) < log(MOST_BY_CHANCE)


def _log_chance(column: pl.Series) -> float:
    """Return the logarithm of the chance that the cells of two rows agree: log sum(share^2)."""
    sample = column.gather_every(-(-len(column) // _ROWS_COUNTED))
    shares = sample.unique_counts().to_numpy() / len(sample)
    return log(float(np.sum(shares**2)))


def _rounded(column: pl.Series) -> pl.Series:
    return column.round_sig_figs(N_DIGITS) if column.dtype.is_float() else column


def _row_sums(columns: Iterable[pl.Series]) -> NDArray[np.uint64]:
    hashes = (_cell_hashes(column, place) for place, column in enumerate(columns))
    sums = next(hashes)
    for of_column in hashes:
        sums += of_column
    return sums


def _cell_hashes(column: pl.Series, place: int) -> NDArray[np.uint64]:
    """Hash cells, each column in its own way: (n_rows,)."""
    words: NDArray[np.uint64] = column.hash(seed=place).to_numpy(writable=True)
    scramble(words, np.empty_like(words))  # sums of weaker hashes might agree where the cells do not
    return words


def _is_among(train: NDArray[np.uint64], dev: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Tell of each dev row whether a train row has its hash: (n_dev,).

    A table of the dev rows' last bits leaves few train rows to be compared.
    """
    last_bits = np.uint64((1 << _TABLE_BITS) - 1)
    table = np.zeros(1 << _TABLE_BITS, dtype=bool)
    table[dev & last_bits] = True
    return np.isin(dev, train[table[train & last_bits]])
