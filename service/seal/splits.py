"""The split of a table: train, dev and sealed test set, or folds. Only this reads test examples."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.configuration.data_config import SplitConfig
from service.errors import BadInputError
from service.seal.assignment import Assignment, Fold, SplitSizes, assign, fold_assignments
from service.seal.hashes import fingerprint_of, row_hashes
from service.seal.records import RowHashes, SplitFacts, records_of
from service.seal.sealed_test_set import SealedTestSet
from service.seal.split_decisions import EqualRows, TrainDevDecision
from service.seal.units import straddling, units_of
from service.tables.cells import shown
from service.tables.column_inference import comparable, may_tell_rows_apart, tells_rows_apart, two_ways
from service.tables.column_kinds import ColumnKind
from service.tables.columns import Column, categories, time_format, times
from service.tables.readings import ambiguous_row
from service.tables.results_in_order import results_in_order
from service.tables.table import Examples, Table
from workers.train_dev_data import Task

_IDS = frozenset({ColumnKind.IGNORE, ColumnKind.ID})
"""Columns in which the copies of a record may differ."""

_ROWS_LOOKED_AT = 500
"""Cells that usually suffice to show that a column is not one of ids."""

_NO_FEATURES = _IDS | {ColumnKind.GROUP, ColumnKind.TIME}
"""Columns that rows are not compared in to tell whether they meet."""

_BY_SIZE = SplitConfig()


@dataclass(frozen=True, slots=True, eq=False)
class KnownExamples:
    """The examples that may be looked at, without their cells.

    Attributes
    ----------
    y
        Class indices, int64 (n_known,); or numbers, float64 (n_known,).
    rows
        Their row numbers among the table's examples, from 0, ascending: int64 (n_known,).
    groups
        Their groups by number, (n_known,), where a column says which rows belong together; else None.
    records
        Words that the rows of one record share, uint64 (n_known, 2): what the sets are drawn by.
    units
        Numbers that rows share which came as one, (n_known,): rows of a group, or copies of a record; None
        where each row came by itself.
    """

    y: NDArray[np.int64] | NDArray[np.float64]
    rows: NDArray[np.int64]
    records: NDArray[np.uint64]
    groups: NDArray[np.intp] | None = None
    units: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        """Return their number."""
        return len(self.y)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A table in its sets, the test set sealed.

    Attributes
    ----------
    task, class_names
        As the table has them.
    known
        All examples that may be looked at: those outside the test set.
    folds
        Train and dev sets, by positions among the known; one pair where there is one dev set.
    train_dev
        Positions among the known of examples from where the train set comes that nothing is fitted on, where
        some were set aside beside a dev set from elsewhere; else None.
    test
        The test set; None where the study has none.
    known_fingerprint
        The name of the known examples; `test.fingerprint` is the test set's. Both show whether a study that
        goes on has the data that it began with.
    equal_rows
        The decision about rows that equal another one in every feature.
    train_dev_decision
        What was decided about a train-dev set; None where the dev set has no file of its own.
    notes
        Notes for people, including that one.
    """

    task: Task
    class_names: tuple[str, ...]
    known: KnownExamples
    folds: tuple[Fold, ...]
    train_dev: NDArray[np.int64] | None
    test: SealedTestSet | None
    known_fingerprint: str
    equal_rows: EqualRows
    train_dev_decision: TrainDevDecision | None = None
    notes: tuple[str, ...] = ()

    @property
    def chains_folds(self) -> bool:
        """Whether folds follow each other in time, so that the first have but the earliest train examples."""
        return any(len(fold.train) + len(fold.dev) < len(self.known) for fold in self.folds)

    @property
    def n_examples(self) -> dict[str, int]:
        """Number of examples by set, in the sets' order; with folds, `train` is all but the test set."""
        has_one_dev_set = len(self.folds) == 1
        sizes = {"train": len(self.folds[0].train if has_one_dev_set else self.known)}
        if self.train_dev is not None:
            sizes["train-dev"] = len(self.train_dev)
        if has_one_dev_set:
            sizes["dev"] = len(self.folds[0].dev)
        if self.test is not None:
            sizes["test"] = self.test.n_examples
        return sizes


def split(
    table: Table,
    config: SplitConfig = _BY_SIZE,
    *,
    seed: int,
    has_dev_file: bool = False,
    has_test_file: bool = False,
) -> Split:
    """Split a table; the same examples and seed give the same split, in whatever order they come.

    There is no train-dev set yet: what the known examples hold decides on it, see `with_train_dev`.

    Parameters
    ----------
    table
        All examples; those of a dev file, then those of a test file, come last.
    config
        The sizes.
    seed
        The study's seed, 0 or more.
    has_dev_file, has_test_file
        Whether the table's second file is the dev set's, and its last the test set's.

    Raises
    ------
    BadInputError
        The columns of groups or times do not allow a split, or a class is in no train example.
    """
    try:
        splitter = _Splitter(table, config, seed, has_test_file=has_test_file)
        return splitter.split(has_dev_file=has_dev_file)
    except ValueError as error:
        raise BadInputError(f"{table.files[0].path}: {error}") from error


def with_train_dev(
    sets: Split, table: Table, config: SplitConfig, decision: TrainDevDecision, *, seed: int
) -> Split:
    """Return a split with what was decided about its train-dev set, which is drawn from its train set.

    Parameters
    ----------
    sets
        Train, dev and test set; the known examples stay the same.
    table, config, seed
        As they were split.
    decision
        Whether there is a train-dev set.

    Raises
    ------
    BadInputError
        There are too few train rows, groups or times, or rows of a class, to set some aside.
    """
    notes = (*sets.notes, decision.sentence)
    if not decision.sets_aside:
        return replace(sets, train_dev_decision=decision, notes=notes)
    (fold,), known = sets.folds, sets.known
    rows = known.rows[fold.train]
    try:
        parts = assign(
            known.records[fold.train],
            sizes=SplitSizes(config.dev_fraction, 0.0),
            labels=known.y[fold.train].astype(np.int64) if sets.class_names else None,
            groups=_some(_groups(table), rows),
            times=_some(_times(table), rows),
            seed=seed,
        )
    except ValueError as error:
        raise BadInputError(
            f'{table.files[0].path}: {error}: {decision.sentence}; split.train_dev = "never" turns that off'
        ) from error
    return replace(
        sets,
        folds=(Fold(fold.train[parts.train], fold.dev),),
        train_dev=fold.train[parts.dev],
        train_dev_decision=decision,
        notes=(*notes, *parts.notes_naming("train-dev")),
    )


class _Splitter:
    def __init__(self, table: Table, config: SplitConfig, seed: int, *, has_test_file: bool) -> None:
        self._table, self._config, self._seed = table, config, seed
        compare = partial(comparable, decimal_comma=table.decimal_comma)
        self._compared = pl.DataFrame(list(results_in_order(compare, table.frame.iter_columns())))
        self._hashes = row_hashes(self._compared)
        self._labels = table.y.astype(np.int64) if table.class_names else None
        self._groups = _groups(table)
        self._times = _times(table)
        self._is_of_test_file = has_test_file & (table.file_of_row == table.file_of_row.max(initial=0))
        self._records, self._equal_rows = self._told_records(is_evidence=~self._is_of_test_file)
        self._notes = [self._equal_rows.sentence] if self._equal_rows.sentence else []

    def split(self, *, has_dev_file: bool) -> Split:
        file_of_row = self._table.file_of_row
        rows = np.flatnonzero(file_of_row == 0)
        dev = np.flatnonzero(file_of_row == 1) if has_dev_file else None
        has_test_file = bool(self._is_of_test_file.any())
        test = np.flatnonzero(self._is_of_test_file) if has_test_file else None
        if test is None and not self._config.no_test:
            if dev is None:
                parts = self._assign(rows, self._sizes())
                rows, dev, test = parts.train, parts.dev, parts.test
            else:
                parts = self._assign(dev, SplitSizes(dev_fraction=0.5, test_fraction=0.0))
                dev, test = parts.train, parts.dev
        if dev is None:
            parts = self._assign(rows, SplitSizes(self._config.dev_fraction, 0.0))
            rows, dev = parts.train, parts.dev
        if has_test_file and test is not None:
            rows, dev = self._without_copies([rows, dev], test, "test")
        if has_dev_file:
            (rows,) = self._without_copies([rows], dev, "dev")
        known = np.sort(np.concatenate([rows, dev]))
        one = Fold(np.searchsorted(known, rows), np.searchsorted(known, dev))
        folds = [one] if self._config.folds == 1 else self._folds(known)
        for fold in folds:
            if len(fold.dev) == 0:
                raise ValueError(
                    "expected at least one dev example, got too few rows that do not belong together as"
                    " copies or groups"
                )
            self._insist_on_classes(known[fold.train], known[fold.dev], "dev")
        if test is not None:
            self._insist_on_classes(known, test, "test")
        units = self._units()
        return Split(
            task=self._table.task,
            class_names=self._table.class_names,
            known=KnownExamples(
                y=self._table.y[known],
                rows=known,
                records=self._records[known],
                groups=_numbered(_some(self._groups, known)),
                units=_some(units, known),
            ),
            folds=tuple(folds),
            train_dev=None,
            test=None if test is None else self._sealed(test, _some(units, test)),
            known_fingerprint=self._name(known),
            equal_rows=self._equal_rows,
            notes=tuple(self._notes),
        )

    def _told_records(self, *, is_evidence: NDArray[np.bool_]) -> tuple[NDArray[np.uint64], EqualRows]:
        """Return words that the rows of one record share, and what was decided about equal rows."""
        frame, kinds = self._compared, self._table.kinds
        candidates = [name for name in self._table.feature_names if kinds.get(name) not in _NO_FEATURES]
        sample = self._sample(is_evidence)
        features = [
            name for name in candidates if not self._tells_rows_apart(name, is_evidence, sample)
        ] or candidates
        no_features = [name for name in frame.columns if name not in features]
        ids = [name for name in no_features if name in candidates or kinds.get(name) in _IDS]
        # A row's hash is the sum over its columns: less some of them, it is the hash of the others.
        whole = self._hashes
        hashes = RowHashes(
            features=whole - row_hashes(frame.select(no_features)),
            record=whole - row_hashes(frame.select(ids)) if ids else whole,
            whole=whole,
        )
        return records_of(
            frame.select(features),
            hashes,
            SplitFacts(
                rule=self._config.equal_rows,
                decimal_comma=self._table.decimal_comma,
                do_few_matter=self._groups is not None or len(self._table.files) > 1,
                is_by_time=self._times is not None,
            ),
            is_evidence=is_evidence,
        )

    def _sample(self, is_evidence: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return some rows that their values decide, and not their order."""
        rows = np.flatnonzero(is_evidence)
        n_sampled = min(_ROWS_LOOKED_AT, len(rows))
        return rows[np.argpartition(self._hashes[rows, 0], n_sampled - 1)[:n_sampled]]

    def _tells_rows_apart(self, name: str, is_evidence: NDArray[np.bool_], sample: NDArray[np.intp]) -> bool:
        if name in self._table.kinds:
            return False
        cells = self._compared[name]
        if not may_tell_rows_apart(cells.gather(sample)):
            return False
        if not is_evidence.all():
            cells = cells.filter(pl.Series(is_evidence))
        return tells_rows_apart(cells, decimal_comma=self._table.decimal_comma)

    def _units(self) -> NDArray[np.intp] | None:
        """Return the number of each row's unit, (n,): its group, or its record; None where all are alone."""
        may_be_shared = self._equal_rows.n_kept_together or self._is_of_test_file.any()
        if self._groups is None and not may_be_shared:
            return None
        return units_of(self._records, groups=self._groups, times=None, key=np.uint64(0))

    def _sizes(self) -> SplitSizes:
        return SplitSizes(self._config.dev_fraction, self._config.test_fraction)

    def _assign(self, rows: NDArray[np.int64], sizes: SplitSizes) -> Assignment:
        """Assign some of the rows; the result speaks of the table's rows."""
        parts = assign(
            self._records[rows],
            sizes=sizes,
            labels=_some(self._labels, rows),
            groups=_some(self._groups, rows),
            times=_some(self._times, rows),
            seed=self._seed,
        )
        self._notes += [note for note in parts.notes if note not in self._notes]
        return replace(parts, train=rows[parts.train], dev=rows[parts.dev], test=rows[parts.test])

    def _folds(self, known: NDArray[np.int64]) -> list[Fold]:
        return [
            fold
            for repeat in range(self._config.repeats)
            for fold in fold_assignments(
                self._records[known],
                n_folds=self._config.folds,
                labels=_some(self._labels, known),
                groups=_some(self._groups, known),
                times=_some(self._times, known),
                seed=self._seed,
                repeat=repeat,
            )
        ]

    def _without_copies(
        self, sets: list[NDArray[np.int64]], held_out: NDArray[np.int64], name: str
    ) -> list[NDArray[np.int64]]:
        """Leave out the rows of records that a set from another file has too."""
        shared = [straddling(self._records[held_out], self._records[rows]) for rows in sets]
        n_shared = sum(map(len, shared))
        if n_shared:
            self._notes.append(f"{n_shared:,} rows are left out, because the {name} file has them too")
        return [np.delete(rows, copies) for rows, copies in zip(sets, shared, strict=True)]

    def _insist_on_classes(self, train: NDArray[np.int64], held_out: NDArray[np.int64], name: str) -> None:
        if self._labels is None:
            return
        unseen = np.setdiff1d(self._labels[held_out], self._labels[train])
        if len(unseen):
            row = int(held_out[np.argmax(self._labels[held_out] == unseen[0])])
            raise BadInputError(
                f"{self._table.place(row, self._table.target_name)}: expected train examples of every class"
                " in"
                f" the {name} set, got none of class {shown(self._table.class_names[unseen[0]])}"
            )

    def _sealed(self, rows: NDArray[np.int64], units: NDArray[np.intp] | None) -> SealedTestSet:
        examples = Examples(self._table.features(rows), self._table.y[rows], rows, units)
        return SealedTestSet(examples, fingerprint=self._name(rows))

    def _name(self, rows: NDArray[np.int64]) -> str:
        return fingerprint_of(self._hashes[rows])


def _some(values: NDArray[Any] | None, rows: NDArray[np.int64]) -> NDArray[Any] | None:
    return None if values is None else values[rows]


def _numbered(values: NDArray[Any] | None) -> NDArray[np.intp] | None:
    return None if values is None else np.unique(values, return_inverse=True)[1]


def _groups(table: Table) -> NDArray[np.str_] | None:
    """Return each row's group, as text (n,)."""
    name = _name_of(table, ColumnKind.GROUP)
    if name is None:
        return None
    words = categories(table.frame[name])
    _refuse_missing(table, words, ColumnKind.GROUP)
    return words.to_numpy().astype(np.str_)


def _times(table: Table) -> NDArray[np.float64] | None:
    """Return each row's time, as a number that grows with it (n,)."""
    name = _name_of(table, ColumnKind.TIME)
    if name is None:
        return None
    cells, said = table.frame[name], table.said[name].reading
    written = said or time_format(cells)
    read = times(cells, decimal_comma=table.decimal_comma, written=written)
    if said is None and (row := ambiguous_row(written, read, cells)) is not None:
        column = Column(name=name, kind=ColumnKind.TIME, reading=written)
        raise two_ways(cells, column, row, place=table.place)
    if read.dtype.is_temporal():
        read = read.dt.epoch("us").cast(pl.Float64).rename(name)
    _refuse_missing(table, read, ColumnKind.TIME)
    return read.to_numpy()


def _name_of(table: Table, kind: ColumnKind) -> str | None:
    return next((name for name in table.frame.columns if table.kinds.get(name) is kind), None)


def _refuse_missing(table: Table, values: pl.Series, kind: ColumnKind) -> None:
    missing = values.is_null().arg_true()
    if len(missing):
        row = int(missing[0])
        cell = table.frame[values.name][row]
        raise BadInputError(
            f"{table.place(row, values.name)}: expected a {kind} in every row, got"
            f" {'nothing' if cell is None else shown(str(cell))}"
        )
