"""How far apart train and dev set are: whether a classifier tells whose a row is, and by which columns."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from service.data.checks.separation import AdversarialCheck, TellingColumn
from service.data.inputs.target_statistics import TargetStatisticsColumns
from service.data.inputs.transformation import Transformation
from service.data.preparation.input_columns import columns_of_block
from service.data.preparation.prepared_data import LabelledInputs, PreparedData
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
    and another share of ones alike. Missing cells of raw inputs count as one value.

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
        cells = np.nan_to_num(X[:, j], nan=-np.inf)  # no two NaN are equal
        order = np.argsort(cells)
        cells = cells[order]
        is_last_of_its_value = np.append(cells[1:] != cells[:-1], True)
        steps[j] = np.abs(np.cumsum(rise[order])[is_last_of_its_value]).max()
    return steps


MOST_EXAMPLES = 10_000
"""Rows of a set that are compared; of more, so many are drawn."""

MOST_CELLS = 5_000_000
"""Numbers that are compared: of very many inputs fewer rows, but never fewer than `FEWEST_DRAWN`."""

FEWEST_DRAWN = 500
FEWEST_EXAMPLES = 10
"""Of each set, two in each fold; fewer show nothing."""

MOST_COLUMNS = 5
"""Columns that are named."""

N_CANDIDATES = 10
"""Columns that are looked at one by one: those with the largest steps between their distributions."""


def adversarial_check(prepared: PreparedData, *, seed: int) -> AdversarialCheck | None:
    """Try to tell dev rows from train rows by the inputs of the point that is tried first.

    Train-dev rows stand for train rows where there are some: what was fitted on the train set fits its own
    rows best, which alone would tell them from any others. Where there are none, what was fitted on train
    targets is left out for that reason. A column that is constant in the train set makes no input, and is not
    seen to differ.

    Parameters
    ----------
    prepared
        A study's data, of which the known sets are read, and never the test set.
    seed
        Source of what is drawn, and of the folds.

    Returns
    -------
    AdversarialCheck or None
        None where there is not one dev set, or fewer than 10 rows of either, or 10 units where rows came so.
    """
    first = prepared.first_choices
    known = prepared.known_sets[first]
    if "dev" not in known:
        return None
    compared = "train-dev" if "train-dev" in known else "train"
    rng = np.random.default_rng(np.random.SeedSequence([seed, int.from_bytes(b"adversarial")]))
    sets = [_drawn(known[name], rng=rng) for name in (compared, "dev")]
    n_compared, n_dev = (len(each.X) for each in sets)
    if min(each.n_units for each in sets) < FEWEST_EXAMPLES:
        return None
    units = _together(sets)
    X, is_dev = np.concatenate([each.X for each in sets]), np.arange(n_compared + n_dev) >= n_compared
    columns, is_of_targets = _columns(prepared.preparations[first].transformation)
    if compared == "train":
        X, columns = X[:, ~is_of_targets], columns[~is_of_targets]
    fold = deal(is_dev, units, rng=rng)
    found = cross_validated_area(X if X.shape[1] else np.zeros((len(X), 1), X.dtype), is_dev, fold, units)
    return AdversarialCheck(
        compared=compared,
        n_compared=n_compared,
        n_dev=n_dev,
        area=found.value,
        interval=found.interval,
        columns=_telling(X, is_dev, fold, columns, units) if found.interval.low > 0.5 else (),
    )


class _Rows(NamedTuple):
    """Rows of a set that are compared, and which came as one (n_rows,), if any did."""

    X: NDArray[np.float32]
    units: NDArray[np.intp] | None

    @property
    def n_units(self) -> int:
        return len(self.X) if self.units is None else len(np.unique(self.units))


def _together(sets: list[_Rows]) -> NDArray[np.intp] | None:
    """Return the units of both sets' rows, those of the first set first."""
    found = [each.units for each in sets if each.units is not None]
    return np.concatenate(found) if len(found) == len(sets) else None


def _drawn(known: LabelledInputs, *, rng: np.random.Generator) -> _Rows:
    X, units = known.X, known.units
    most = min(MOST_EXAMPLES, max(FEWEST_DRAWN, MOST_CELLS // X.shape[1]))
    if len(X) <= most:
        return _Rows(X, units)
    rows = np.sort(rng.choice(len(X), most, replace=False))
    return _Rows(X[rows], None if units is None else units[rows])


def _columns(transformation: Transformation) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return of each input its column, and whether it was fitted on targets too: (n_inputs,) each."""
    columns: list[str] = []
    is_of_targets: list[bool] = []
    for block in transformation.blocks:
        columns += columns_of_block(block)
        is_of_targets += [isinstance(block, TargetStatisticsColumns)] * len(block.input_names)
    return np.array(columns, dtype=np.object_), np.array(is_of_targets)


def _telling(
    X: NDArray[np.float32],
    is_dev: NDArray[np.bool_],
    fold: NDArray[np.int64],
    columns: NDArray[np.object_],
    units: NDArray[np.intp] | None,
) -> tuple[TellingColumn, ...]:
    """Return the columns that tell the sets apart by themselves, beyond chance; the most telling first."""
    steps = largest_steps(X, is_dev)
    largest: dict[str, float] = {}
    for column, step in zip(columns.tolist(), steps.tolist(), strict=True):
        largest[column] = max(largest.get(column, 0.0), step)
    candidates = sorted(largest, key=lambda column: -largest[column])[:N_CANDIDATES]
    found = []
    for column in candidates:
        area = cross_validated_area(X[:, columns == column], is_dev, fold, units)
        if area.interval.low > 0.5:
            found.append(TellingColumn(column=column, area=area.value, interval=area.interval))
    return tuple(sorted(found, key=lambda it: -it.area)[:MOST_COLUMNS])
