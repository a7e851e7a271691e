"""Known examples that are made rather than read, with what is understood of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from search_spaces.input_choices import InputChoices
from service.data.checks.column_facts import TrainSet, column_facts, column_inputs
from service.data.checks.data_warning import DataWarning, KnownData
from service.data.inputs.target_statistics import Targets
from service.seal.assignment import Fold
from service.tables.column_inference import inferred_table
from service.tables.column_kinds import ColumnKind
from service.tables.said_column import SaidColumn
from workers.train_dev_data import Task

N = 1000


def known_data(
    columns: Mapping[str, Any],
    *,
    y: NDArray[np.int64] | NDArray[np.float64] | None = None,
    class_names: tuple[str, ...] = ("no", "yes"),
    said: Mapping[str, ColumnKind] | None = None,
    n_dev: int | None = None,
    n_folds: int = 1,
    choices: Sequence[InputChoices] = (InputChoices(),),
    **more: Any,  # noqa: ANN401 (fields of KnownData, as they are)
) -> KnownData:
    """Make known examples of columns; the last fifth, or `n_dev`, is the dev set, and classes alternate."""
    frame = pl.DataFrame(columns)
    n = frame.height
    targets = np.arange(n, dtype=np.int64) % len(class_names) if y is None else y
    told = inferred_table(
        frame.iter_columns(),
        said={name: SaidColumn(kind=kind) for name, kind in (said or {}).items()},
        decimal_comma=False,
        place=lambda row, name: f"({row} {name})",
    )
    first_of_dev = n - (n // 5 if n_dev is None else n_dev)
    fold = Fold(np.arange(first_of_dev), np.arange(first_of_dev, n))
    train = TrainSet(told.values[fold.train], Targets(targets[fold.train], len(class_names)))
    inputs = column_inputs(train, told.learned_from, choices=choices[0], seed=0)
    usual = {"has_dev_file": False, "do_rows_agree_by_chance": False, "seed": 0}
    fields: dict[str, Any] = {**usual, **more}
    return KnownData(
        columns=column_facts(frame.iter_columns(), told, said=said or {}, inputs=inputs),
        values=told.values,
        task=Task.CLASSIFICATION if class_names else Task.REGRESSION,
        class_names=class_names,
        y=targets,
        folds=(fold,) * n_folds,
        choices=tuple(choices),
        **fields,
    )


def noise(*shape: int, seed: int = 0) -> NDArray[np.float64]:
    """Draw normal numbers."""
    return np.random.default_rng(seed).normal(size=shape)


def named(warnings: Iterator[DataWarning]) -> list[str | None]:
    """Return the columns that warnings are of, in order."""
    return [warning.column for warning in warnings]
