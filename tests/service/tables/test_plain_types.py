"""Types that nothing else knows become those that everything knows; nested ones are refused by name."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.files.raw_table import open_raw_batches, read_raw_table
from service.tables.plain_types import plain_types

FRAME = pl.DataFrame(
    {
        "at": [time(1, 2, 3, 4), None],
        "for": pl.Series([timedelta(seconds=1, microseconds=500_000), None], dtype=pl.Duration("ns")),
        "ms": pl.Series([timedelta(milliseconds=-5), None], dtype=pl.Duration("ms")),
        "big": pl.Series([2**100, None], dtype=pl.Int128),
        "unsigned": pl.Series([2**127, None], dtype=pl.UInt128),
        "word": pl.Series(["x", None], dtype=pl.Categorical),
        "choice": pl.Series(["x", None], dtype=pl.Enum(["x", "y"])),
        "same": [1, None],
        "day": [datetime.fromisoformat("2024-01-01"), None],
    }
)
PLAIN = {
    "at": (pl.Datetime("us"), datetime.fromisoformat("1970-01-01T01:02:03.000004")),
    "for": (pl.Float64(), 1.5),
    "ms": (pl.Float64(), -0.005),
    "big": (pl.Float64(), 2.0**100),
    "unsigned": (pl.Float64(), 2.0**127),
    "word": (pl.String(), "x"),
    "choice": (pl.String(), "x"),
    "same": (pl.Int64(), 1),
    "day": (pl.Datetime("us"), datetime.fromisoformat("2024-01-01")),
}


def assert_plain(frame: pl.DataFrame) -> None:
    assert dict(frame.schema) == {name: dtype for name, (dtype, _) in PLAIN.items()}
    assert frame.rows() == [tuple(value for _, value in PLAIN.values()), (None,) * len(PLAIN)]


def test_every_column_has_a_plain_type() -> None:
    assert_plain(plain_types(FRAME.lazy(), "data in memory").collect())


@pytest.mark.parametrize("write", ["write_parquet", "write_ipc", "write_ipc_stream"])
def test_files_have_plain_types_whole_and_in_pieces(tmp_path: Path, write: str) -> None:
    path = tmp_path / "table"
    getattr(FRAME, write)(path)
    assert_plain(read_raw_table(path).frame)
    assert_plain(pl.concat([piece.frame for piece in open_raw_batches(path, n_rows=1).pieces()]))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (pl.Series([[1]]), "lists"),
        (pl.Series([[1]], dtype=pl.Array(pl.Int64, 1)), "lists"),
        (pl.Series([{"x": 1}]), "structs"),
        (pl.Series([b"x"]), "binary data"),
        (pl.Series([object()], dtype=pl.Object), "Python objects"),
    ],
)
def test_more_than_a_value_a_cell_is_refused_by_name(values: pl.Series, found: str) -> None:
    frame = pl.LazyFrame({"a": [1], "b": values})
    with pytest.raises(BadInputError, match=rf"^here: .* each cell, got {found} in column 'b'$"):
        plain_types(frame, "here")


@given(st.times(), st.timedeltas(timedelta(days=-10_000), timedelta(days=10_000)))
def test_times_and_durations_keep_their_microseconds(at: time, took: timedelta) -> None:
    row = plain_types(pl.LazyFrame({"at": [at], "took": [took]}), "here").collect().row(0)
    assert row == (datetime.combine(date(1970, 1, 1), at), pytest.approx(took.total_seconds(), abs=1e-6))
