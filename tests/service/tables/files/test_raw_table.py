"""Tables of any format, read as a whole and in pieces."""

import bz2
import csv
import gzip
import lzma
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.files import csv_blocks
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.raw_table import open_raw_batches, read_raw_table

TEXT = 'age,"city, state",n\n1,"Austin, TX",x\n\n 2 ,"a\n""b""",\n3,"",z\n'
ROWS = [("1", "Austin, TX", "x"), (" 2 ", 'a\n"b"', None), ("3", None, "z")]


def write(directory: Path, data: bytes | str, name: str = "table.csv") -> Path:
    path = directory / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


ENCODINGS = {
    "plain": TEXT.encode(),
    "byte-order mark": TEXT.encode("utf-8-sig"),
    "carriage returns": TEXT.replace("\n", "\r\n").replace("a\r\n", "a\n").encode(),
    "carriage returns alone": TEXT.replace("\n", "\r").replace("a\r", "a\n").encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "gzip": gzip.compress(TEXT.encode()),
    "bzip2": bz2.compress(TEXT.encode()),
    "xz": lzma.compress(TEXT.encode()),
    "gzip of UTF-16": gzip.compress(TEXT.encode("utf-16")),
    "no line end last": TEXT.encode()[:-1],
    "blank lines around": b"\n\r\n" + TEXT.encode() + b"\n\n",
}


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_a_csv_file_gives_its_cells_as_text(tmp_path: Path, data: bytes) -> None:
    table = read_raw_table(write(tmp_path, data, "table.dat"))
    assert table.frame.columns == ["age", "city, state", "n"]
    assert set(table.frame.dtypes) == {pl.String()}
    assert table.frame.rows() == ROWS
    assert not table.decimal_comma


def test_a_row_is_found_on_its_line(tmp_path: Path) -> None:
    table = read_raw_table(write(tmp_path, TEXT))
    assert table.place(0, "age") == f"{tmp_path}/table.csv: line 2, column 'age'"
    assert table.place(1, "age").endswith("line 4, column 'age'")
    assert table.place(2, "n").endswith("line 6, column 'n'")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_content(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([["a b", "c,d;e|f\tg"], ["1", "x, y; z"], ["2", "|"]])
    assert read_raw_table(path).frame.rows() == [("1", "x, y; z"), ("2", "|")]


def test_the_dialect_can_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a:b,c\nGrün:1,5\n".encode("cp1252"))
    table = read_raw_table(path, dialect=CsvDialect(encoding="cp1252", delimiter=":", decimal_comma=True))
    assert table.frame.rows() == [("Grün", "1,5")]
    assert table.decimal_comma


def test_parquet_and_feather_keep_their_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"], "c": [True, False]}).with_columns(
        pl.col("b").cast(pl.Categorical)
    )
    frame.write_parquet(tmp_path / "table.csv")
    frame.write_ipc(tmp_path / "table.feather", compression="zstd")
    frame.write_ipc_stream(tmp_path / "table.arrows")
    for name in ("table.csv", "table.feather", "table.arrows"):
        table = read_raw_table(tmp_path / name)
        assert table.frame.equals(frame.with_columns(pl.col("b").cast(pl.String)))
        assert table.place(1, "a") == f"{tmp_path / name}: row 2, column 'a'"


def test_arrays_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    np.savez(
        path, X=np.arange(6, dtype=">f4").reshape(3, 2), y=np.array(["p", "q", "p"]), b=np.array([b"u"] * 3)
    )
    frame = read_raw_table(path).frame
    assert frame.schema == {"X_0": pl.Float32, "X_1": pl.Float32, "y": pl.String, "b": pl.String}
    assert frame.rows()[1] == (2, 3, "q", "u")


def test_a_matrix_and_records_are_tables(tmp_path: Path) -> None:
    np.save(tmp_path / "matrix.npy", np.eye(2))
    assert read_raw_table(tmp_path / "matrix.npy").frame.columns == ["X_0", "X_1"]
    days = np.array([(1, "2020-01-31")], dtype=[("a", "i2"), ("day", "M8[D]")])
    np.save(tmp_path / "records.npy", days)
    frame = read_raw_table(tmp_path / "records.npy").frame
    assert frame.schema == {"a": pl.Int16, "day": pl.Datetime("us")}
    assert f"{frame['day'][0]:%d.%m.%Y}" == "31.01.2020"


MALFORMED = {
    "an empty file": (b"", r"an empty file$"),
    "blank lines alone": (b"\n\r\n\n", r"an empty file$"),
    "a header alone": (b"a,b\n", r"rows under the header, got none$"),
    "a short row": (b"a,b\n1,2\n\n3\n", r": line 4: .*expected 2 cells, as in the header, got 1"),
    "a long row": (b"a,b\n1,2\n3,4,5\n", r": line 3: .*expected 2 cells, as in the header, got 3"),
    "a short row and a long one": (
        b"a,b\n1\n3,4,5\n",
        r": line 2: .*expected 2 cells, as in the header, got 1",
    ),
    "a ragged row after quotes": (
        b'a,b\n"1\n",2\n"3"\n',
        r": line 4: .*expected 2 cells, as in the header, got 1",
    ),
    "no name": (b"a,,b\n1,2,3\n", r": line 1: .*got none for column 2"),
    "a name twice": (b"\na,b,a\n1,2,3\n", r": line 2: .*columns 1 and 3 are both 'a'"),
    "an unclosed quote": (b'a,b\n1,2\n"3,4\n5,6\n', r": line 3: .*a quote is not closed .*'\"3,4'"),
    "a stray quote": (b'a,b\n1,5" wide\n', r": line 2: .*got '1,5\" wide'"),
    "text after a quote": (b'a,b\n"1"2,3\n', r": line 2: .*after a closing quote, got '\"1\"2,3'"),
    "a NUL byte": (b"a,b\n1,2\n\0,3\n", r": line 3: .*got a NUL byte"),
    "UTF-16 without its mark": ("a,b\n1,2\n".encode("utf-16-le"), r": line 1: .*is the file in UTF-16\?"),
    "UTF-16 cut off": ("a,b\n1,2\n".encode("utf-16")[:-1], r": line 2: .*in utf-16, .* truncated data"),
    "cp1252": (
        "a,b\n1,2\n3,Café x\n".encode("cp1252"),
        r"line 3: .* like cp1252 \(Windows\), where they read '3,Café x'",
    ),
    "an encoding that is none": (
        b"a,b\n1,\x81\n",
        r"line 2: .*byte 0x81 is in an encoding that cannot be guessed",
    ),
    "another delimiter": (b"a:b\n1:2\n3:4\n", r"got one column, 'a:b': is the delimiter ':'\?"),
}


@pytest.mark.parametrize(("data", "match"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_csv_file_is_refused_with_its_line(tmp_path: Path, data: bytes, match: str) -> None:
    with pytest.raises(BadInputError, match=match) as caught:
        read_raw_table(write(tmp_path, data))
    assert "\n" not in str(caught.value)


def test_a_named_delimiter_that_gives_one_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"got one column, 'a,b': is the delimiter ','\?"):
        read_raw_table(write(tmp_path, "a,b\n1,2\n"), dialect=CsvDialect(delimiter=";"))


def test_very_long_cells_are_read_and_not_shown(tmp_path: Path) -> None:
    long = "x" * 300_000
    assert read_raw_table(write(tmp_path, f"a,b\n1,{long}\n")).frame.rows() == [("1", long)]
    with pytest.raises(BadInputError, match=r"expected 2 cells, as in the header, got 3") as caught:
        read_raw_table(write(tmp_path, f"a,b\n1,{long},2\n"))
    assert len(str(caught.value)) < 300


def test_a_row_whose_file_has_changed_is_told_by_its_number(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,2\n3,4\n")
    table = read_raw_table(path)
    path.write_text("a,b\n1,2\n")
    assert table.place(1, "b") == f"{path}: row 2, column 'b'"
    path.unlink()
    assert table.place(1, "b") == f"{path}: row 2, column 'b'"


def test_a_header_with_an_endless_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r": line 1: .*field larger than field limit \(131072\)"):
        read_raw_table(write(tmp_path, f"a,{'b' * 200_000}\n1,2\n"))


def test_a_path_with_a_nul_character_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"expected a path without a NUL character, got 'a\\x00b'"):
        read_raw_table(Path("a\0b"))


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
    with pytest.raises(BadInputError, match=r": line 502: .*expected 2 cells, as in the header, got 1"):
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
