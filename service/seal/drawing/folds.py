"""Cross-validation: which rows are dev rows in which fold, by the rules of the split."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.seal.drawing.division import (
    class_indices,
    classes_of_records,
    divide,
    divide_by_time,
    within_reach,
)
from service.seal.drawing.units import units_of
from service.seal.hashes.mixing import key_of


class Fold(NamedTuple):
    """One fold's rows by their positions among the rows given, ascending."""

    train: NDArray[np.intp]
    dev: NDArray[np.intp]


def fold_assignments(  # noqa: PLR0913 - each is one of the things that a split may follow, and all go by name
    records: NDArray[np.uint64],
    *,
    n_folds: int,
    labels: NDArray[np.integer] | None = None,
    groups: NDArray[np.generic] | None = None,
    times: NDArray[np.generic] | None = None,
    seed: int,
    repeat: int = 0,
) -> list[Fold]:
    """Return the folds of the train and dev rows together; the order of rows does not matter.

    Without times, each row is a dev row once, and a train row in all other folds. Folds differ by one row at
    most in their dev rows, in all and of each class, where each record has one row; records and groups stay
    whole, as in `assign`.

    By time the folds chain forward: rows are cut into n_folds + 1 stretches of time of about the same number
    of rows, and fold k has the k-th as its dev rows, all earlier rows as its train rows, counted from 0. The
    first stretch is never dev.

    Parameters
    ----------
    records
        Words that the rows of one record share, shape (n_rows, 2), from `service.seal.records.records`.
    n_folds
        How many folds, 2 or more.
    labels, groups, times
        As in `assign`.
    seed
        The study's seed.
    repeat
        0, 1, … for one cross-validation after the other, each with folds of its own. By time it is 0.

    Raises
    ------
    ValueError
        There are too few folds; too few rows, groups, times, or rows of a class for each fold to have its
        own; or folds by time are to be repeated.
    """
    if n_folds < 2:
        raise ValueError(f"expected at least 2 folds for cross-validation, got {n_folds}")
    if len(records) < n_folds:
        raise ValueError(f"expected a row for each of {n_folds} folds, got {len(records)} rows")
    units = units_of(records, groups=groups, times=times, key=key_of("folds", seed, repeat))
    classes = class_indices(labels, len(records))
    if times is not None:
        if repeat:
            raise ValueError(
                f"expected no repeats of folds by time, which are always the same, got repeat {repeat}"
            )
        return _chained(divide_by_time(units, _even(len(records), n_folds + 1)), classes, n_folds)
    counted = classes if groups is not None else classes_of_records(units, classes)
    wanted = _even_of_each_class(np.bincount(counted), n_folds)
    at_least = np.ones_like(wanted)
    if not np.array_equal(counted, classes):
        at_least = within_reach(at_least, units, counted)
    fold_of_row = divide(units, counted, wanted, at_least, by_group=groups is not None)
    return [
        Fold(np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold))
        for fold in range(n_folds)
    ]


def _even(n_rows: int, n_parts: int) -> NDArray[np.int64]:
    """Return sizes that differ by one at most, the larger ones last."""
    return (n_rows + np.arange(n_parts)) // n_parts


def _even_of_each_class(counts: NDArray[np.int64], n_folds: int) -> NDArray[np.int64]:
    """Return the rows of each class in each fold, shape (n_classes, n_folds).

    What is left of a class over whole rounds goes to the folds after the one that the class before ended
    with, so that the folds' sums differ by one at most, too.
    """
    starts = (np.cumsum(counts) - counts)[:, np.newaxis]
    rounds: NDArray[np.int64] = (np.arange(n_folds) - starts) % n_folds
    wanted: NDArray[np.int64] = (counts[:, np.newaxis] - rounds + n_folds - 1) // n_folds
    return wanted


def _chained(stretch_of_row: NDArray[np.intp], classes: NDArray[np.intp], n_folds: int) -> list[Fold]:
    folds = []
    for index in range(1, n_folds + 1):
        fold = Fold(np.flatnonzero(stretch_of_row < index), np.flatnonzero(stretch_of_row == index))
        unseen = np.setdiff1d(classes, classes[fold.train])
        if unseen.size:
            raise ValueError(
                f"expected rows of every class in a fold's train part, got none of class {unseen[0]} before"
                f" fold {index} of {n_folds} by time"
            )
        folds.append(fold)
    return folds
