"""How well rows of two sets are told apart by their inputs."""

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from service.uncertainty.areas import MeasuredArea, measured_area
from service.uncertainty.units import unit_numbers

N_FOLDS = 5
"""Parts of the rows; each is scored by a classifier that was fitted on the others."""

N_ROUNDS = 30
MOST_LEAVES = 8
LEARNING_RATE = 0.2
"""Of gradient boosting: enough to see which columns differ, and how."""

MOST_INPUTS = 300
"""Inputs that a classifier reads; of more, those whose distributions differ most in what it is fitted on."""


def deal(
    is_second: NDArray[np.bool_], unit: NDArray[np.intp] | None = None, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Deal rows out to folds, those of each set evenly, and all rows of a unit of the set to one fold.

    A classifier that had read some rows of a group would know its other rows by them, and with them their
    set, though the sets were alike.

    Parameters
    ----------
    is_second
        Whether a row is of the second set (n_rows,).
    unit
        Numbers that rows share which came as one (n_rows,); None where each came by itself.
    rng
        Source of the dealing.

    Returns
    -------
    ndarray
        The fold of each row (n_rows,), from 0.
    """
    fold = np.empty(len(is_second), dtype=np.int64)
    for of_set in (~is_second, is_second):
        numbers, _ = unit_numbers(None if unit is None else unit[of_set], int(np.count_nonzero(of_set)))
        fold[of_set] = rng.permutation(np.arange(numbers.max() + 1) % N_FOLDS)[numbers]
    return fold


def cross_validated_area(
    X: NDArray[np.float32],
    is_second: NDArray[np.bool_],
    fold: NDArray[np.int64],
    units: NDArray[np.intp] | None = None,
) -> MeasuredArea:
    """Return the area under the ROC curve of a classifier of rows that it was not fitted on.

    It is gradient boosting of small trees: blind to the inputs' scales, and not to differences of spread or
    between two inputs. The area is the share of pairs, one row of each set and both of one fold, in which the
    second set's row has the higher score, ties counted half. Scores of different folds are not compared:
    they are of different classifiers.

    Parameters
    ----------
    X
        Inputs (n_rows, n_inputs).
    is_second
        Whether a row is of the second set (n_rows,).
    fold
        The fold of each row (n_rows,), each with rows of both sets.
    units
        Numbers that rows share which came as one (n_rows,); None where each came by itself.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 (half a second, which few commands need)

    scores = np.empty(len(X))
    with threadpool_limits(1):  # one thread: the same sums on every machine
        for held_out in (fold == number for number in range(N_FOLDS)):
            fitted_on = ~held_out
            read = _most_different(X[fitted_on], is_second[fitted_on])
            model = HistGradientBoostingClassifier(
                learning_rate=LEARNING_RATE,
                max_iter=N_ROUNDS,
                max_leaf_nodes=MOST_LEAVES,
                min_samples_leaf=min(20, max(2, len(X) // 20)),
                max_bins=64,
                early_stopping=False,
                random_state=0,
            )
            model.fit(X[np.ix_(fitted_on, read)], is_second[fitted_on])
            scores[held_out] = model.decision_function(X[np.ix_(held_out, read)])
    unit, is_shared = unit_numbers(units, len(X))
    return measured_area(scores, is_second, unit, is_shared=is_shared, stratum=fold)


def _most_different(X: NDArray[np.float32], is_second: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the places of the inputs that a classifier of these rows reads, ascending."""
    if X.shape[1] <= MOST_INPUTS:
        return np.arange(X.shape[1])
    by_step = np.argsort(-largest_steps(X, is_second), kind="stable")
    return np.sort(by_step[:MOST_INPUTS])


def largest_steps(X: NDArray[np.float32], is_second: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return, of each input, the largest distance between the two sets' cumulative distributions.

    That is the two-sample statistic of Kolmogorov and Smirnov, from 0 to 1: it sees a shift, another spread
    and another share of ones alike.

    Parameters
    ----------
    X
        Inputs (n_rows, n_inputs).
    is_second
        Whether a row is of the second set (n_rows,).

    Returns
    -------
    ndarray
        (n_inputs,)
    """
    rise = np.where(is_second, 1 / is_second.sum(), -1 / (~is_second).sum())
    steps = np.zeros(X.shape[1])
    for j in range(X.shape[1]):
        order = np.argsort(X[:, j])
        cells = X[order, j]
        is_last_of_its_value = np.append(cells[1:] != cells[:-1], True)
        steps[j] = np.abs(np.cumsum(rise[order])[is_last_of_its_value]).max()
    return steps
