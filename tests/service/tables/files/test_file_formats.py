"""What is no table is named for what it is."""

import gzip
import os
import pickle
import shutil
import struct
import subprocess
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.files.raw_reading import read_raw_table


def zip_of(*names: str) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name in names:
            file.writestr(name, "a,b\n1,2\n")
    return archive.getvalue()


def npz_of(**arrays: object) -> bytes:
    file = BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type] # what has no place in an npz file is the point
    return file.getvalue()


def parquet_of(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


PARQUET = parquet_of(pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + zlib.compress(bytes(100))
LISTS = pl.DataFrame({"a": [1], "tags": [["x", "y"]]})

NO_TABLES = {
    "a PNG image": (PNG, r"got a PNG image \("),
    "a pickle": (pickle.dumps({"a": [1.5] * 10}), r"got a pickle, which can run code"),
    "a zip archive": (zip_of("table.csv"), r"got a zip archive; unpack it \("),
    "a Word document": (
        zip_of("[Content_Types].xml", "word/a.xml"),
        r"got a document of Word or PowerPoint",
    ),
    "a workbook in pieces": (
        zip_of("[Content_Types].xml", "xl/workbook.xml"),
        r"Excel workbook cannot be read",
    ),
    "a zip archive that is cut off": (zip_of("x.npy")[:-30], r"npz or zip file is damaged or cut off"),
    "random bytes": (np.random.default_rng(0).bytes(5000), r"a NUL byte|is not: "),
    "Parquet in gzip": (
        gzip.compress(PARQUET),
        r"an uncompressed Parquet file, got one in gzip; decompress it \(",
    ),
    "Parquet cut off": (PARQUET[:-9], r"Parquet file is cut off: its end is missing \("),
    "Parquet damaged": (PARQUET[:30] + bytes(60) + PARQUET[90:], r"Parquet file is damaged or cut off: "),
    "lists": (parquet_of(LISTS), r"got lists in column 'tags' \("),
    "structs": (parquet_of(pl.DataFrame({"a": [{"x": 1}]})), r"got structs in column 'a' \("),
    "binary data": (parquet_of(pl.DataFrame({"a": [b"x"]})), r"got binary data in column 'a' \("),
    "no name": (parquet_of(pl.DataFrame({"a": [1], "": [2]})), r"got none for column 2 \("),
    "no columns": (b"[]", r"expected at least one column, got none \("),
    "no rows": (parquet_of(pl.DataFrame({"a": []})), r"expected rows under the header, got none \("),
    "objects": (npz_of(a=np.array([{}, None])), r"NumPy file cannot be read: Object arrays cannot be loaded"),
    "arrays of two lengths": (npz_of(a=[1, 2], b=[1]), r"same number of rows, got 2 in 'a' and 1 in 'b' \("),
    "images": (npz_of(a=np.zeros((2, 3, 4))), r"got shape \(2, 3, 4\) for 'a' \("),
    "a number alone": (npz_of(a=np.float64(1)), r"got shape \(\) for 'a' \("),
    "complex numbers": (npz_of(a=np.array([1j])), r"got complex128 in 'a' \("),
    "bytes that are no UTF-8": (
        npz_of(a=np.array([b"\xff"])),
        r"expected text in UTF-8, got other bytes in 'a' \(",
    ),
    "one name from two arrays": (npz_of(X_0=[1], X=[[2]]), r"columns 1 and 2 are both 'X_0' \("),
}


@pytest.mark.parametrize(("data", "match"), NO_TABLES.values(), ids=NO_TABLES.keys())
def test_what_is_no_table_is_named(tmp_path: Path, data: bytes, match: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(BadInputError, match=match) as caught:
        read_raw_table(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["PAR1,y\n1,2\n", "BZh9,y\n1,2\n", "FEA1,y\n1,2\n", "GIF8,ORC\n1,2\n"])
def test_columns_called_as_a_format_begins_are_columns(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_raw_table(path).frame.rows() == [("1", "2")]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"got a directory \("):
        read_raw_table(tmp_path)
    with pytest.raises(BadInputError, match=r"cannot be read: No such file or directory \(.*nothing\.csv\)"):
        read_raw_table(tmp_path / "nothing.csv")
    with pytest.raises(BadInputError, match=r"got a device or pipe \(/dev/zero\)"):
        read_raw_table(Path("/dev/zero"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInputError, match=r"got a device or pipe \("):
        read_raw_table(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(BadInputError, match=r"cannot be read: Permission denied \("):
        read_raw_table(path)


@pytest.mark.skipif(shutil.which("zstd") is None, reason="Python compresses by Zstandard from 3.14 on")
def test_zstandard_is_decompressed_and_its_faults_are_told(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    text = "a,b\r\n" + '1,"x\n\ny"\r\n2,é\r\n' * 150_000
    data = subprocess.run(["zstd", "-c"], input=text.encode(), capture_output=True, check=True).stdout
    path.write_bytes(data)
    table = read_raw_table(path)
    assert table.frame.height == 300_000
    assert table.frame.rows()[-2:] == [("1", "x\n\ny"), ("2", "é")]
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BadInputError, match=r"the Zstandard file is damaged: incomplete frame \("):
        read_raw_table(path)
    latin = subprocess.run(["zstd", "-c"], input=b"a,b\n1,\xe9\n", capture_output=True, check=True).stdout
    path.write_bytes(latin)
    with pytest.raises(BadInputError, match=r"a CSV file in UTF-8 in the Zstandard file: invalid utf8 \("):
        read_raw_table(path)
