"""Tables as they are once they are read and typed, and what becomes of them."""

from datetime import datetime

import numpy as np
import polars as pl
from hypothesis import strategies as st
from numpy.typing import NDArray

from search_spaces.input_choices import (
    DateEncoding,
    HighCardinalityEncoding,
    InputChoices,
    NumericEncoding,
    NumericScaling,
)
from service.data.inputs.input_block import InputBlock
from service.data.inputs.transformation import Fitted, fit_transformation
from service.tables.column_kinds import ColumnKind
from tests.service.raw_space import RAW

SCALED_CHOICES = (
    InputChoices(),
    InputChoices(numeric_scaling=NumericScaling.ROBUST),
    InputChoices(numeric_scaling=NumericScaling.QUANTILE),
    InputChoices(numeric_encoding=NumericEncoding.PIECEWISE_LINEAR),
    InputChoices(high_cardinality_encoding=HighCardinalityEncoding.TARGET_STATISTICS),
    InputChoices(date_encoding=DateEncoding.FINE),
    InputChoices(date_encoding=DateEncoding.DAILY),
)
ALL_CHOICES = (*SCALED_CHOICES, RAW)

KINDS = {
    "size": ColumnKind.NUMERIC,
    "age": ColumnKind.NUMERIC,
    "wild": ColumnKind.NUMERIC,
    "pixel": ColumnKind.IMAGE,
    "is member": ColumnKind.BOOLEAN,
    "sold": ColumnKind.DATE,
    "color": ColumnKind.CATEGORICAL,
    "street": ColumnKind.CATEGORICAL,
}
"""Kinds of the columns of `mixed_frame`; `street` has very many categories, mostly rare, `sold` few days."""

_CELLS: dict[str, st.SearchStrategy[object]] = {
    "size": st.floats(allow_nan=False),
    "age": st.none() | st.floats(allow_nan=False),
    "wild": st.none()
    | st.sampled_from([0.0, -0.0, 5e-324, -1e-310, 1e300, -1.7e308, 1.7e308, np.inf, -np.inf]),
    "pixel": st.none() | st.floats(allow_nan=False),
    "is member": st.none() | st.booleans(),
    "sold": st.none() | st.integers(-(2**62), 2**62),
    "color": st.none() | st.text(max_size=2),
    "street": st.none() | st.text(max_size=2),
}


def mixed_frame(n_rows: int, *, seed: int) -> pl.DataFrame:
    """Draw a table with every kind of column, of which most miss some cells."""
    random = np.random.default_rng(seed)
    wild = random.choice([0.0, 1.0, 1e300, -1.7e308, np.inf, -np.inf, 5e-324, 1e-310], n_rows)
    seconds = random.integers(1_400_000_000, 1_700_000_000, n_rows)
    seconds -= seconds // 86_400 % 271 * 86_400  # on one of 13 days
    color = np.where(random.random(n_rows) < 0.05, "teal", random.choice(["red", "green", "blue"], n_rows))
    street = random.integers(0, max(90, n_rows // 3), n_rows) * random.integers(1, 3, n_rows)
    return typed(
        {
            "size": random.normal(size=n_rows).tolist(),
            "age": _with_gaps(random, random.integers(18, 90, n_rows).astype(np.float64).tolist()),
            "wild": _with_gaps(random, wild.tolist()),
            "pixel": [0.0] * n_rows,
            "is member": _with_gaps(random, (random.random(n_rows) < 0.3).tolist()),
            "sold": _with_gaps(random, (seconds * 1_000_000).tolist()),
            "color": _with_gaps(random, color.tolist()),
            "street": _with_gaps(random, [f"street {number}" for number in street.tolist()]),
        }
    )


def typed(cells: dict[str, list[object]]) -> pl.DataFrame:
    """Type the columns of `KINDS`; dates are in microseconds since 1970."""
    types = {
        ColumnKind.BOOLEAN: pl.Boolean(),
        ColumnKind.CATEGORICAL: pl.String(),
        ColumnKind.DATE: pl.Int64(),
    }
    columns = [
        pl.Series(name, cells[name], dtype=types.get(kind, pl.Float64())) for name, kind in KINDS.items()
    ]
    return pl.DataFrame(columns).with_columns(pl.col("sold").cast(pl.Datetime("us")))


@st.composite
def any_frames(draw: st.DrawFn, *, min_rows: int = 1) -> pl.DataFrame:
    """Draw a table of the columns of `KINDS` that holds anything at all."""
    n_rows = draw(st.integers(min_rows, 12))
    return typed(
        {name: draw(st.lists(cell, min_size=n_rows, max_size=n_rows)) for name, cell in _CELLS.items()}
    )


def fitted(frame: pl.DataFrame, choices: InputChoices = ALL_CHOICES[0], *, n_classes: int = 2) -> Fitted:
    """Fit on a table of the columns of `KINDS`, or of some of them, with targets drawn beside it."""
    random = np.random.default_rng(7)
    kinds = {name: kind for name, kind in KINDS.items() if name in frame.columns}
    y = random.integers(0, n_classes, frame.height) if n_classes else random.normal(size=frame.height)
    return fit_transformation(frame, kinds=kinds, y=y, n_classes=n_classes, choices=choices, seed=3)


def inputs_of(block: InputBlock, frame: pl.DataFrame) -> NDArray[np.float32]:
    """Make one block's inputs of all rows."""
    inputs = np.zeros((frame.height, len(block.input_names)), dtype=np.float32)
    block.writer(frame)(slice(0, frame.height), inputs)
    return inputs


def dates(*written: str | None) -> pl.Series:
    """Return dates from their ISO form."""
    parsed = [None if text is None else datetime.fromisoformat(text) for text in written]
    return pl.Series("sold", parsed, dtype=pl.Datetime("us"))


def _with_gaps(random: np.random.Generator, cells: list[object]) -> list[object]:
    is_missing = random.random(len(cells)) < 0.1
    return [None if missing else cell for cell, missing in zip(cells, is_missing.tolist(), strict=True)]
