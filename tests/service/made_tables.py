"""Tables that are made rather than read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from service.tables.column_kinds import ColumnKind
from service.tables.files.raw_table import RawTable
from service.tables.said_column import SaidColumn
from service.tables.table import Table
from workers.train_dev_data import Task


def made_table(
    columns: Mapping[str, Sequence[object] | NDArray[np.generic]],
    y: NDArray[np.int64] | NDArray[np.float64],
    *,
    class_names: tuple[str, ...] = (),
    kinds: Mapping[str, ColumnKind] | None = None,
    file_of_row: NDArray[np.int64] | None = None,
) -> Table:
    """Make a table of columns beside the target, `y`."""
    target = [class_names[index] for index in y.astype(int)] if class_names else y
    frame = pl.DataFrame({**columns, "y": target})
    files = np.zeros(len(y), dtype=np.int64) if file_of_row is None else file_of_row
    return Table(
        name="made",
        frame=frame,
        target_name="y",
        y=y,
        class_names=class_names,
        task=Task.CLASSIFICATION if class_names else Task.REGRESSION,
        said={name: SaidColumn(kind=kind) for name, kind in (kinds or {}).items()},
        decimal_comma=False,
        files=tuple(RawTable(Path(f"made-{n}"), frame.clear()) for n in range(int(files.max()) + 1)),
        file_of_row=files,
        row_in_file=np.arange(len(y)),
    )
