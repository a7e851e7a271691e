"""How far apart train and dev set are: whether a classifier tells whose a row is, and by which columns."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.data.checks.separation import AdversarialCheck, TellingColumn
from service.data.checks.telling_apart import cross_validated_area, deal, largest_steps
from service.data.preparation.input_columns import columns_of_block
from service.data.preparation.inputs.target_statistics import TargetStatisticsColumns
from service.data.preparation.inputs.transformation import Transformation
from service.data.preparation.prepared_data import LabelledInputs, PreparedData

MOST_EXAMPLES = 10_000
"""Rows of a set that are compared; of more, so many are drawn."""

MOST_CELLS = 5_000_000
"""Numbers that are compared: of very many inputs fewer rows, but never fewer than `FEWEST_DRAWN`."""

FEWEST_DRAWN = 500
FEWEST_EXAMPLES = 10
"""Of each set, two in each fold; fewer tell nothing."""

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
