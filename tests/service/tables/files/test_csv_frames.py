"""However a file is mangled: it is refused in one line, or read as a strict reader of CSV reads it."""

import bz2
import codecs
import csv
import gzip
import lzma
import re
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.files import csv_blocks
from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.csv_frames import open_csv
from service.tables.files.raw_table import read_raw_table

Rows = list[list[str]]

thoroughly = settings(max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture])

CELLS = st.one_of(
    st.sampled_from(
        ["", "1", "-0.5", "1,5", "nan", '"', '""', "a;b", "a\tb", "x\ny", "x\r\ny", " ", "é", "\ufeff"]
    ),
    st.text(alphabet="ab1,;|\t \"'\r\n", max_size=5),
)
FRAGMENTS = st.one_of(
    st.sampled_from(
        [b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b" ", b"#"]
    ),
    st.sampled_from([codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\xe9", b"\xc3", b"\x1f\x8b", b"PAR1", b'",\n']),
    st.binary(max_size=3),
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), FRAGMENTS), min_size=1, max_size=4)


class CsvFile(NamedTuple):
    """A file's bytes, and what separates its cells."""

    data: bytes
    delimiter: str


@st.composite
def csv_files(draw: st.DrawFn) -> CsvFile:
    """Draw a well-formed file of any dialect that is told."""
    n_columns = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(CELLS, min_size=n_columns, max_size=n_columns), max_size=6))
    text, delimiter = StringIO(), draw(st.sampled_from(",;\t|"))
    writer = csv.writer(
        text,
        delimiter=delimiter,
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
    )
    writer.writerows([[f"c{column}" for column in range(n_columns)], *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    return CsvFile(text.getvalue().encode(encoding), delimiter)


def mangled(data: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Replace some bytes, at shares of the length, by others."""
    for share, n_removed, inserted in edits:
        position = int(share * len(data))
        data = data[:position] + inserted + data[position + n_removed :]
    return data


QUOTED_OR_BLANKS = re.compile(r'"(?:[^"]|"")*"|[ \t]+')
BLANKS_AT_ENDS = re.compile(r"(?:^|(?<=[\r\n]))\0|\0(?=[\r\n]|$)")


def strict_rows(data: bytes, delimiter: str, n_bytes_before: int = 0, *, is_aligned: bool = False) -> Rows:
    """Read records by Python's own reader, without blank lines."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    in_utf8 = data.decode("utf-16").encode() if is_utf16 else data.removeprefix(codecs.BOM_UTF8)
    text = in_utf8[n_bytes_before:].decode()
    if is_aligned:
        delimiter = "\t"
        text = QUOTED_OR_BLANKS.sub(lambda found: found[0] if found[0][0] == '"' else "\0", text)
        text = BLANKS_AT_ENDS.sub("", text).replace("\0", "\t")
    return [row for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]


def assert_same(frame: pl.DataFrame, rows: Rows) -> None:
    """Compare what was read with what a strict reader reads, whose first row is the header."""
    names = [name.strip() for name in rows[0]]
    assert frame.columns == ["unnamed" if name == "" else name for name in names]
    assert [list(row) for row in frame.rows()] == [[cell or None for cell in row] for row in rows[1:]]


def assert_one_line(error: BadInputError, path: Path) -> None:
    assert len(str(error).splitlines()) == 1, error
    assert str(path) in str(error)


def assert_refused_or_right(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        table = read_raw_table(path)
    except BadInputError as error:
        assert_one_line(error, path)
        return
    opened = open_csv(path, CsvDialect())
    dialect = opened.dialect
    assert dialect.delimiter is not None
    rows = strict_rows(data, dialect.delimiter, opened.preamble.n_bytes, is_aligned=dialect.is_aligned)
    assert_same(table.frame, rows)


@thoroughly
@given(file=csv_files(), edits=EDITS, n_bytes=st.sampled_from([7, 20, 2**23]))
def test_a_mangled_csv_file_is_refused_or_read_right(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: CsvFile,
    edits: list[tuple[float, int, bytes]],
    n_bytes: int,
) -> None:
    monkeypatch.setattr(csv_blocks, "BYTES_AT_ONCE", n_bytes)
    assert_refused_or_right(tmp_path / "table.csv", mangled(file.data, edits))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=csv_files())
def test_a_file_that_is_whole_is_read(tmp_path: Path, file: CsvFile) -> None:
    """It may have no rows; or one column, where commas may be in cells or between them.

    Python writes a carriage return in a cell without quotes, and cannot read it again either.
    """
    rows = strict_rows(file.data, file.delimiter)
    if len(rows) > 1 and len(rows[0]) > 1 and len(set(map(len, rows))) == 1:
        path = tmp_path / "table.csv"
        path.write_bytes(file.data)
        table = read_raw_table(path, dialect=CsvDialect(delimiter=file.delimiter))
        assert_same(table.frame, rows)


@thoroughly
@given(data=st.binary(max_size=200))
def test_random_bytes_are_refused_or_read_right(tmp_path: Path, data: bytes) -> None:
    assert_refused_or_right(tmp_path / "table.csv", data)


@thoroughly
@given(text=st.text(alphabet='a1,"\n\r; \t#', max_size=40))
def test_any_text_is_refused_or_read_right(tmp_path: Path, text: str) -> None:
    assert_refused_or_right(tmp_path / "table.csv", text.encode())


def other_files(directory: Path) -> list[bytes]:
    """Return a compressed table in each way, and one in each of the other formats."""
    text = b"number,word\n" + b"".join(f"{row},word {row % 7}\n".encode() for row in range(300))
    frame = pl.read_csv(text)
    frame.write_parquet(directory / "table.parquet", row_group_size=100)
    frame.write_ipc(directory / "table.feather", compression="lz4")
    frame.write_ipc_stream(directory / "table.arrows")
    np.savez_compressed(directory / "table.npz", number=np.arange(300), word=np.array(["word"] * 300))
    np.save(directory / "table.npy", np.eye(20))
    saved = [path.read_bytes() for path in sorted(directory.iterdir())]
    return [gzip.compress(text, mtime=0), bz2.compress(text), lzma.compress(text), *saved]


@pytest.mark.parametrize("number", range(8))
def test_a_file_that_is_cut_off_is_refused_wherever_it_is(tmp_path: Path, number: int) -> None:
    data = other_files(tmp_path)[number]
    path = tmp_path / "cut.dat"
    path.write_bytes(data)
    whole = read_raw_table(path).frame
    assert whole.height in {20, 300}
    for length in sorted({*range(0, len(data), max(len(data) // 150, 1)), *range(len(data) - 12, len(data))}):
        path.write_bytes(data[:length])
        try:
            frame = read_raw_table(path).frame
        except BadInputError as error:
            assert_one_line(error, path)
            continue
        assert frame.equals(whole), length
