"""Which rows are train, dev and test rows, or dev rows of a fold of cross-validation.

It is decided by values and a seed, never by where a row stands. How many rows the dev and the test set are
to have is decided by a rule of size, or by fractions.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.seal.division import (
    class_indices,
    classes_of_records,
    divide,
    divide_by_time,
    within_reach,
)
from service.seal.hashes import key_of
from service.seal.units import units_of

MAX_EXAMPLES_HELD_OUT = 10_000
"""Most examples in the dev set, and in the test set, where no fractions are given."""


@dataclass(frozen=True, slots=True)
class SplitSizes:
    """The sizes asked for; None is the rule: a fifth of the rows, and at most 10,000.

    The rule gives 60/20/20 % while a table is small, and 98/1/1 % at a million.

    Attributes
    ----------
    dev_fraction, test_fraction
        Share of all rows, from 0 up to but not including 1; with 0 there is no such set.

    Raises
    ------
    ValueError
        A fraction is not in [0, 1), or both leave no train rows.
    """

    dev_fraction: float | None = None
    test_fraction: float | None = None

    def __post_init__(self) -> None:
        for name, fraction in (("dev", self.dev_fraction), ("test", self.test_fraction)):
            if fraction is not None and not 0 <= fraction < 1:
                raise ValueError(f"expected a {name} fraction of at least 0 and below 1, got {fraction}")
        if (self.dev_fraction or 0) + (self.test_fraction or 0) >= 1:
            raise ValueError(
                f"expected dev and test fractions that leave train rows, got {self.dev_fraction} and"
                f" {self.test_fraction}"
            )

    def counts(self, n_rows: int) -> tuple[int, int]:
        """Return the numbers of dev and of test rows; 0 where there is to be no such set.

        Raises
        ------
        ValueError
            There are too few rows for a set to have one.
        """
        n_dev = self._count("dev", self.dev_fraction, n_rows)
        n_test = self._count("test", self.test_fraction, n_rows)
        if n_dev + n_test >= n_rows:
            raise ValueError(
                f"expected at least one train row: of {n_rows} rows, {n_dev} would be dev and {n_test} test"
                f" rows"
            )
        return n_dev, n_test

    @staticmethod
    def _count(name: str, fraction: float | None, n_rows: int) -> int:
        if fraction == 0:
            return 0
        n_held_out = min(n_rows // 5, MAX_EXAMPLES_HELD_OUT) if fraction is None else round(fraction * n_rows)
        if n_held_out == 0:
            share = "a fifth" if fraction is None else f"a share of {fraction}"
            raise ValueError(f"expected at least one {name} row, got less: {share} of {n_rows} rows")
        return n_held_out


def apportion(
    counts: NDArray[np.int64], total: int, *, at_least: int, at_most: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Share `total` places among classes in proportion to their counts (Hamilton's largest remainder).

    A class is due counts · total / Σ counts places and gets that number rounded down, but at least `at_least`
    and at most `at_most`. A place that is left goes to the class farthest below its due; a place too many is
    taken from the class farthest above it; among equals, the first class has the advantage. Where the bounds
    leave no other choice, fewer or more places than `total` are given.

    Parameters
    ----------
    counts
        Rows of each class, shape (n_classes,).
    total
        Places of the set (rows).
    at_least
        Places that each class is to have.
    at_most
        Places that a class may have, shape (n_classes,); `at_least` is the stronger.
    """
    due: NDArray[np.float64] = counts * (total / counts.sum())
    ceiling = np.maximum(at_most, at_least)
    places: NDArray[np.int64] = np.clip(np.floor(due).astype(np.int64), at_least, ceiling)
    while places.sum() < total and np.any(places < ceiling):
        places[np.argmax(np.where(places < ceiling, due - places, -np.inf))] += 1
    while places.sum() > total and np.any(places > at_least):
        above = np.where(places > at_least, places - due, -np.inf)
        places[len(above) - 1 - np.argmax(above[::-1])] -= 1
    return places


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """The rows of each set, and what to report about them.

    Attributes
    ----------
    train, dev, test
        Rows by their positions, ascending; no row is in two sets, and each is in one. Dev or test may be
        empty where none was asked for.
    n_dev_wanted, n_test_wanted
        Sizes by the rule or the fractions; sets differ from them where rows have to stay together.
    """

    train: NDArray[np.intp]
    dev: NDArray[np.intp]
    test: NDArray[np.intp]
    n_dev_wanted: int
    n_test_wanted: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the split, in sentences; none where all went as asked."""
        return self.notes_naming("dev")

    def notes_naming(self, held_out: str) -> tuple[str, ...]:
        """Return the notes of a split whose dev rows are of a set of another name."""
        notes = []
        for name, rows, n_wanted in (
            (held_out, self.dev, self.n_dev_wanted),
            ("test", self.test, self.n_test_wanted),
        ):
            if len(rows) != n_wanted:
                notes.append(
                    f"the {name} set has {len(rows):,} rows instead of {n_wanted:,}: rows that belong"
                    f" together stay in one set"
                )
        return tuple(notes)


def assign(  # noqa: PLR0913 - each is one of the things that a split may follow, and all go by name
    records: NDArray[np.uint64],
    *,
    sizes: SplitSizes,
    labels: NDArray[np.integer] | None = None,
    groups: NDArray[np.generic] | None = None,
    times: NDArray[np.generic] | None = None,
    seed: int,
) -> Assignment:
    """Assign rows to train, dev and test set; the same rows and seed give the same sets, in any order.

    Rows are drawn in the order of their records' scrambled words. The rows of a record are in one set, and so
    are the rows of a group: then sets are filled group by group, as near to the sizes as that comes. By time,
    dev rows are later than train rows and test rows later than dev rows; equal times are in one set, and the
    seed does not matter. Without groups and times, sets have their sizes to a row where each record has one
    row, and each class its share of a set to within one row; a record of several goes to the side where most
    of it would be, and one larger than a set to train.

    Every class has a row in train, and in each other set unless that has fewer places than there are classes.

    Parameters
    ----------
    records
        Words that the rows of one record share, shape (n_rows, 2), from `service.seal.records`.
    sizes
        How many rows dev and test set are to have.
    labels
        Each row's class index, shape (n_rows,), each index being there; None in regression.
    groups, times
        Each row's group (numbers or texts) or its time (numbers), shape (n_rows,); at most one of them.
    seed
        The study's seed.

    Raises
    ------
    ValueError
        There are too few rows, groups or times, or rows of a class, for every set to have what it needs; or
        both groups and times are given.
    """
    n_dev, n_test = sizes.counts(len(records))
    classes = class_indices(labels, len(records))
    by_group = groups is not None
    units = units_of(records, groups=groups, times=times, key=key_of("split", seed))
    if times is not None:
        set_of_row = 2 - divide_by_time(units, np.array([len(records) - n_dev - n_test, n_dev, n_test]))
    else:
        counted = classes if by_group else classes_of_records(units, classes)
        wanted, at_least = _shares(np.bincount(counted), n_dev=n_dev, n_test=n_test)
        if not np.array_equal(counted, classes):
            at_least = within_reach(at_least, units, counted)
        set_of_row = divide(units, counted, wanted, at_least, by_group=by_group)
    test, dev, train = (np.flatnonzero(set_of_row == index) for index in range(3))
    _check_classes(classes, {"train": train, "dev": dev, "test": test})
    return Assignment(train, dev, test, n_dev, n_test)


def _shares(
    counts: NDArray[np.int64], *, n_dev: int, n_test: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows wanted and units needed of each class in test, dev and train, shapes (n_classes, 3)."""
    in_dev, in_test = int(len(counts) <= n_dev), int(len(counts) <= n_test)
    test = apportion(counts, n_test, at_least=in_test, at_most=counts - in_dev - 1)
    dev = apportion(counts, n_dev, at_least=in_dev, at_most=counts - test - 1)
    wanted = np.stack([test, dev, counts - test - dev], axis=1)
    return wanted, np.tile(np.array([in_test, in_dev, 1]), (len(counts), 1))


def _check_classes(classes: NDArray[np.intp], sets: dict[str, NDArray[np.intp]]) -> None:
    n_classes = int(classes.max(initial=0)) + 1
    for name, rows in sets.items():
        missing = np.flatnonzero(np.bincount(classes[rows], minlength=n_classes) == 0)
        if missing.size and (name == "train" or len(rows) >= n_classes):
            raise ValueError(
                f"expected a row of every class in the {name} set, got none of class {missing[0]} among its"
                f" {len(rows)} rows"
            )


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
        Words that the rows of one record share, shape (n_rows, 2), from `service.seal.records`.
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
