"""The split: train, dev and test set by size, stratified for classes. Only this reads test examples."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.seal.fingerprints import fingerprint
from service.seal.sealed_test_set import SealedTestSet
from service.tables.examples import Examples
from service.tables.table import Table
from workers.train_dev_data import Task

MAX_EXAMPLES_HELD_OUT = 10_000
"""Most examples in the dev set, and in the test set."""

_STREAM = int.from_bytes(b"split")
"""Keeps the split's randomness apart from all else that is drawn from the study's seed."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A table in three sets, the third sealed.

    Attributes
    ----------
    task, class_names
        As the table has them.
    train, dev, test
        The sets; no example is in two.
    train_dev_fingerprint
        The name of the train and dev examples together; `test.fingerprint` is the test set's. Both tell
        whether a study that goes on has the data that it began with.
    """

    task: Task
    class_names: tuple[str, ...]
    train: Examples
    dev: Examples
    test: SealedTestSet
    train_dev_fingerprint: str


def split(table: Table, *, seed: int) -> Split:
    """Split a table; the same table and seed give the same split.

    Dev and test set have min(n / 5 rounded down, 10,000) examples each, all others train: 60/20/20 % while
    the table is small, 98/1/1 % at a million. Classes are apportioned by largest remainder, so that the sets
    have their sizes exactly, and each class at least one example in each set wherever there are no more
    classes than examples in the dev set.

    Parameters
    ----------
    table
        All examples.
    seed
        The study's seed, 0 or more.
    """
    held_out = min(len(table.y) // 5, MAX_EXAMPLES_HELD_OUT)
    rng = np.random.default_rng(np.random.SeedSequence([seed, _STREAM]))
    labels = table.y if table.class_names else np.zeros(len(table.y), dtype=np.int64)
    counts = np.bincount(labels.astype(np.int64))
    train, dev, test = [], [], []
    for label, n_held_out in enumerate(_apportion(counts, held_out)):
        rows = rng.permutation(np.flatnonzero(labels == label))
        test.append(rows[:n_held_out])
        dev.append(rows[n_held_out : 2 * n_held_out])
        train.append(rows[2 * n_held_out :])
    test_examples = _take(table, test)
    return Split(
        task=table.task,
        class_names=table.class_names,
        train=_take(table, train),
        dev=_take(table, dev),
        test=SealedTestSet(test_examples, fingerprint=_name(table, test_examples)),
        train_dev_fingerprint=_name(table, _take(table, train + dev)),
    )


def _apportion(counts: NDArray[np.int64], total: int) -> list[int]:
    """Share `total` places among classes in proportion to their counts (Hamilton's largest remainder).

    Each class has one place to begin with where the places suffice; each further place goes to the class
    that is farthest below its due, the first of equals.
    """
    due = counts * (total / counts.sum())
    places = np.full(len(counts), int(len(counts) <= total), dtype=np.int64)
    for _ in range(total - int(places.sum())):
        places[np.argmax(due - places)] += 1
    return [int(n) for n in places]


def _take(table: Table, rows_by_class: list[NDArray[np.int64]]) -> Examples:
    rows = np.sort(np.concatenate(rows_by_class))
    return Examples(table.X[rows], table.y[rows], rows)


def _name(table: Table, examples: Examples) -> str:
    return fingerprint(examples, feature_names=table.feature_names, class_names=table.class_names)
