"""Inputs of categorical columns with very many categories: what the target is like in each, and its size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from service.data.inputs.categories import (
    Categories,
    KnownByHash,
    category_hashes,
    places,
    replaced,
)
from service.data.inputs.column_statistics import moments
from service.data.inputs.input_block import Rows, RowWriter, Statistics

SMOOTHING = 10
"""Rows of the overall mean that every category is given on top of its own."""

N_FOLDS = 5
MAX_AVERAGED = 8


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """What train rows are to be predicted as.

    Attributes
    ----------
    y
        Class indices, or numbers in any unit: (n_rows,).
    n_classes
        Their number; 0 in regression.
    """

    y: NDArray[np.int64] | NDArray[np.float64]
    n_classes: int


def standardized_targets(targets: Targets) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return what is averaged, of mean 0 and deviation 1: (n_rows, n_averaged); and its name in words.

    That is the number itself; or of each class but the first whether a row is of it, the shares adding up to
    1. Of more than 9 classes these are the 8 with most rows.
    """
    if not targets.n_classes:
        T = targets.y.astype(np.float64)[:, np.newaxis]
        names: tuple[str, ...] = ("target",)
    else:
        classes = np.arange(1, targets.n_classes)
        if len(classes) > MAX_AVERAGED:
            counts = np.bincount(targets.y.astype(np.int64), minlength=targets.n_classes)
            classes = np.sort(np.argsort(-counts, kind="stable")[:MAX_AVERAGED])
        T = (targets.y[:, np.newaxis] == classes).astype(np.float64)
        names = tuple(f"class {index}" for index in classes.tolist())
    mean, deviation = moments(T)
    return (T / 2 - mean / 2) / (deviation / 2), names


def means(T: NDArray[np.float64], category: NDArray[np.int32], *, n_categories: int) -> NDArray[np.float64]:
    """Return sum(t) / (n + 10) over the rows of each category: (n_categories, n_averaged).

    Parameters
    ----------
    T
        Standardised targets (n_rows, n_averaged); their mean, 0, is what few rows are drawn towards.
    category
        Place of each row's category (n_rows,); places from `n_categories` on are of rows without one.
    n_categories
        Number of categories.
    """
    sums, counts = _sums(T, category, n_places=max(n_categories, int(category.max()) + 1))
    smoothed: NDArray[np.float64] = (sums / (counts + SMOOTHING))[:, :n_categories].T
    return smoothed


def out_of_fold_means(
    T: NDArray[np.float64], category: NDArray[np.int32], *, n_categories: int, seed: int
) -> NDArray[np.float32]:
    """Return for each row the mean in its category, taken of the rows of other folds: (n_rows, n_averaged).

    Few rows are drawn towards the mean of the other folds' rows. A row's fold is drawn at its place, so that
    another order of rows gives them other means. A row without a category has 0.
    """
    n_rows, n_folds = len(T), min(N_FOLDS, len(T))
    n_places = n_categories + 2
    fold = np.random.default_rng(seed).permutation(n_rows) % n_folds
    sums, counts = _sums(T, fold * n_places + category, n_places=n_folds * n_places)
    sums, counts = sums.reshape(-1, n_folds, n_places), counts.reshape(n_folds, n_places)
    others, n_others = sums.sum(axis=1, keepdims=True) - sums, counts.sum(axis=0) - counts
    prior = others.sum(axis=2, keepdims=True) / np.maximum(n_others.sum(axis=1), 1)[:, np.newaxis]
    smoothed = (others + SMOOTHING * prior) / (n_others + SMOOTHING)
    smoothed[:, :, n_categories:] = 0
    found: NDArray[np.float32] = smoothed[:, fold, category].T.astype(np.float32)
    return found


def _sums(
    T: NDArray[np.float64], place: NDArray[np.integer], *, n_places: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the sums of T over the rows of each place (n_averaged, n_places), and the rows' number."""
    sums = np.stack([np.bincount(place, weights=t, minlength=n_places) for t in T.T])
    return sums.astype(np.float64), np.bincount(place, minlength=n_places)


class TargetStatisticsColumn(BaseModel):
    """A column of which each category's targets are averaged."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    column: str
    """Name of the column."""

    has_missing: bool
    """Whether missing cells have an input: where the train set has some."""


class TargetStatisticsDescription(BaseModel):
    """Which columns, and what is averaged."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    block: Literal["target_statistics"] = "target_statistics"
    """Tells the blocks of a transformation apart."""

    columns: tuple[TargetStatisticsColumn, ...]
    """The columns, in the order of their inputs."""

    averaged: tuple[str, ...]
    """The averaged quantity: `target`, or `class 1` and others, as 1 in its rows and 0 in the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetStatisticsColumns(KnownByHash):
    """Of each column: the smoothed means of the target in the cell's category, and its log-frequency.

    Of targets t, standardised, the mean is sum(t of its rows) / (their number + 10): the fewer the rows, the
    nearer to 0, the mean of all. It is not scaled further: a column that tells little shall have small
    inputs. The log-frequency is the logarithm of the number of rows, less its mean over train
    rows, divided by its deviation where that is more than 1. A category that the train set does not have has
    the mean 0, and is as rare as the rarest. A missing cell has zeros, and an input of its own where the
    train set misses some.

    Attributes
    ----------
    description
        Which columns, and what is averaged.
    known
        Hashes of the train set's categories, ascending, a column: (n_categories,).
    statistics
        Their inputs, and last those of any other category, a column: (n_categories + 1, n_averaged + 1).

    References
    ----------
    Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes in Classification and
    Prediction Problems", 2001, equation 3, with the weight n / (n + 10).
    """

    description: TargetStatisticsDescription
    known: tuple[NDArray[np.uint64], ...]
    statistics: tuple[NDArray[np.float64], ...]

    @property
    def input_names(self) -> tuple[str, ...]:
        """All columns', one after the other."""
        return tuple(
            name
            for it in self.description.columns
            for name in (
                *(f"{it.column} (mean of {averaged})" for averaged in self.description.averaged),
                f"{it.column} (log-frequency)",
                *(f"{it.column}={name}" for name in ("(missing)",) * it.has_missing),
            )
        )

    @property
    def are_numbers(self) -> tuple[bool, ...]:
        """All but the inputs of missing cells."""
        n_statistics = len(self.description.averaged) + 1
        return tuple(
            it
            for column in self.description.columns
            for it in (True,) * n_statistics + (False,) * column.has_missing
        )

    def arrays(self) -> Statistics:
        """Return hashes and statistics, by the column's place."""
        hashes = {f"known_{j}": known for j, known in enumerate(self.known)}
        return {**hashes, **{f"statistics_{j}": table for j, table in enumerate(self.statistics)}}

    def writer(self, frame: pl.DataFrame) -> RowWriter:
        """Write the statistics of each cell's category."""
        columns = [
            (_category_places(frame[it.column], known), table)
            for it, known, table in zip(self.description.columns, self.known, self.tables(), strict=True)
        ]

        def write(rows: Rows, inputs: NDArray[np.float32]) -> None:
            start = 0
            for category, table in columns:
                inputs[:, start : start + table.shape[1]] = table[category[rows]]
                start += table.shape[1]

        return write

    def tables(self) -> list[NDArray[np.float32]]:
        """Return each column's inputs: of the known categories, of any other, of a missing cell.

        They have the shape (n_categories + 2, n_inputs of the column).
        """
        columns = zip(self.description.columns, self.statistics, strict=True)
        return [_inputs_by_category(table, has_missing=it.has_missing) for it, table in columns]


class OutOfFold(NamedTuple):
    """What train rows have in place of their categories' means.

    Attributes
    ----------
    start
        Place of the first of them among the block's inputs.
    means
        (n_rows, n_averaged).
    """

    start: int
    means: NDArray[np.float32]


def fit_target_statistics(
    frame: pl.DataFrame, columns: Mapping[str, Categories], *, targets: Targets, seed: int
) -> tuple[TargetStatisticsColumns, list[OutOfFold]]:
    """Fit on train rows; return also the means that these rows have, each taken of rows of other folds.

    A row's own target in its own input would be an answer beside the question: the network would trust the
    input as no later row deserves.
    """
    T, averaged = standardized_targets(targets)
    described, known, statistics, out_of_fold, start = [], [], [], [], 0
    for name, found in columns.items():
        column = TargetStatisticsColumn(column=name, has_missing=found.n_missing > 0)
        hashes = np.unique(category_hashes(found.names))
        category = _category_places(frame[name], hashes)
        counts = np.bincount(category, minlength=len(hashes) + 1)[: len(hashes)]
        frequency = _log_frequencies(counts)
        table = np.zeros((len(hashes) + 1, len(averaged) + 1))
        table[:-1, :-1] = means(T, category, n_categories=len(hashes))
        table[:, -1] = np.append(frequency, frequency.min())
        described.append(column)
        known.append(hashes)
        statistics.append(table)
        out_of_fold.append(
            OutOfFold(start, out_of_fold_means(T, category, n_categories=len(hashes), seed=seed))
        )
        start += table.shape[1] + column.has_missing
    description = TargetStatisticsDescription(columns=tuple(described), averaged=averaged)
    return TargetStatisticsColumns(description, tuple(known), tuple(statistics)), out_of_fold


def _category_places(cells: pl.Series, known: NDArray[np.uint64]) -> NDArray[np.int32]:
    """Return each cell's place among the known categories; then comes any other, then a missing cell."""
    categories = cells.drop_nulls().unique()
    place = replaced(cells, categories, places(category_hashes(categories), known))
    found: NDArray[np.int32] = place.fill_null(len(known) + 1).to_numpy()
    return found


def _inputs_by_category(table: NDArray[np.float64], *, has_missing: bool) -> NDArray[np.float32]:
    """Append the row of a missing cell to a column's statistics, and its indicator input."""
    inputs = np.zeros((len(table) + 1, table.shape[1] + has_missing), dtype=np.float32)
    inputs[:-1, : table.shape[1]] = table
    inputs[-1, table.shape[1] :] = 1
    return inputs


def _log_frequencies(counts: NDArray[np.intp]) -> NDArray[np.float64]:
    logarithm = np.log(counts)
    mean = np.average(logarithm, weights=counts)
    deviation = np.sqrt(np.average((logarithm - mean) ** 2, weights=counts))
    frequencies: NDArray[np.float64] = (logarithm - mean) / max(deviation, 1.0)
    return frequencies
