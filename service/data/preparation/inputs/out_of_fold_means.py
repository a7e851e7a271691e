"""The target's smoothed mean in each category, and the same for train rows, whose own fold is left out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.data.preparation.inputs.moments import moments

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
