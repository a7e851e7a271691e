"""A file read some rows at a time gives what the whole gives, and its places stay true."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.files import csv_blocks
from service.tables.files.raw_reading import open_raw_batches, read_raw_table

N_ROWS = 1000


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with one table in every format."""
    directory = tmp_path_factory.mktemp("tables")
    numbers = np.random.default_rng(0).normal(size=N_ROWS)
    words = [f"word,\n{row}" if row % 7 else None for row in range(N_ROWS)]
    frame = pl.DataFrame({"number": numbers, "word": words})
    frame.write_csv(directory / "table.csv")
    (directory / "table.csv.gz").write_bytes(gzip.compress((directory / "table.csv").read_bytes()))
    frame.write_parquet(directory / "table.parquet", row_group_size=170)
    frame.write_ipc(directory / "table.feather", record_batch_size=170)
    frame.write_ipc_stream(directory / "table.arrows")
    np.savez(directory / "table.npz", number=numbers, row=np.arange(N_ROWS))
    return directory


NAMES = ["table.csv", "table.csv.gz", "table.parquet", "table.feather", "table.arrows", "table.npz"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n_rows", [1, 64, 500, N_ROWS, 5000])
def test_pieces_have_their_rows_and_together_are_the_table(
    directory: Path, name: str, n_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", 2000)
    whole = read_raw_table(directory / name)
    batches = open_raw_batches(directory / name, n_rows=n_rows)
    pieces = list(batches.pieces())
    assert batches.names == tuple(whole.frame.columns)
    assert [piece.frame.height for piece in pieces[:-1]] == [n_rows] * (len(pieces) - 1)
    assert 0 < pieces[-1].frame.height <= n_rows
    assert pl.concat([piece.frame for piece in pieces]).equals(whole.frame)


@pytest.mark.parametrize("name", NAMES)
def test_places_are_those_of_the_whole_file(
    directory: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", 2000)
    whole = read_raw_table(directory / name)
    last = list(open_raw_batches(directory / name, n_rows=300).pieces())[-1]
    assert last.place(99, "number") == whole.place(N_ROWS - 1, "number")


@pytest.mark.parametrize("name", NAMES)
def test_only_wanted_columns_are_read_in_the_order_wanted(directory: Path, name: str) -> None:
    whole = read_raw_table(directory / name).frame
    wanted = whole.columns[::-1]
    (piece,) = open_raw_batches(directory / name, n_rows=N_ROWS).pieces(wanted)
    assert piece.frame.equals(whole.select(wanted))


def test_a_file_without_rows_has_no_pieces(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b")
    assert list(open_raw_batches(path, n_rows=10).pieces()) == []
    pl.DataFrame({"a": []}).write_parquet(path)
    assert list(open_raw_batches(path, n_rows=10).pieces()) == []


def test_a_fault_comes_with_its_block_and_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", 100)
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 500 + "3\n")
    pieces = open_raw_batches(path, n_rows=10).pieces()
    assert next(pieces).frame.rows() == [("1", "2")] * 10
    with pytest.raises(BadInputError, match=r"expected 2 cells, as in the header, got 1 \(.*: line 502\)"):
        list(pieces)


@given(
    rows=st.lists(st.tuples(*[st.text(alphabet='a"\r\n,é\ufeff ', max_size=6)] * 2), min_size=1, max_size=12),
    n_bytes=st.integers(1, 30),
    n_rows=st.integers(1, 5),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_where_blocks_end_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], n_bytes: int, n_rows: int, end: str
) -> None:
    path = tmp_path_factory.mktemp("blocks") / "table.csv"
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [("x", "y"), *rows]]
    path.write_bytes((end.join(quoted)).encode())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv_blocks, "BYTES_AT_ONCE", n_bytes)
        pieces = list(open_raw_batches(path, n_rows=n_rows).pieces())
    assert [row for piece in pieces for row in piece.frame.rows()] == [
        (a or None, b or None) for a, b in rows
    ]
