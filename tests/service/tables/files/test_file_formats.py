"""What is no table is named for what it is, with the command that makes a table of it."""

import gzip
import os
import pickle
import shlex
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.files.raw_table import read_raw_table


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
    "a PNG image": (PNG, r"got a PNG image$"),
    "a pickle": (pickle.dumps({"a": [1.5] * 10}), r"got a pickle, which can run code"),
    "a zip archive": (zip_of("table.csv"), r"got a zip archive; unpack it$"),
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
        r"an uncompressed Parquet file, got one in gzip; decompress it$",
    ),
    "Parquet cut off": (PARQUET[:-9], r"Parquet file is cut off: its end is missing$"),
    "Parquet damaged": (PARQUET[:30] + bytes(60) + PARQUET[90:], r"Parquet file is damaged or cut off: "),
    "lists": (parquet_of(LISTS), r"got lists in column 'tags'$"),
    "structs": (parquet_of(pl.DataFrame({"a": [{"x": 1}]})), r"got structs in column 'a'$"),
    "binary data": (parquet_of(pl.DataFrame({"a": [b"x"]})), r"got binary data in column 'a'$"),
    "no name": (parquet_of(pl.DataFrame({"a": [1], "": [2]})), r"got none for column 2$"),
    "no columns": (b"[]", r"expected at least one column, got none$"),
    "no rows": (parquet_of(pl.DataFrame({"a": []})), r"expected rows under the header, got none$"),
    "objects": (npz_of(a=np.array([{}, None])), r"NumPy file cannot be read: Object arrays cannot be loaded"),
    "arrays of two lengths": (npz_of(a=[1, 2], b=[1]), r"same number of rows, got 2 in 'a' and 1 in 'b'$"),
    "images": (npz_of(a=np.zeros((2, 3, 4))), r"got shape \(2, 3, 4\) for 'a'$"),
    "a number alone": (npz_of(a=np.float64(1)), r"got shape \(\) for 'a'$"),
    "complex numbers": (npz_of(a=np.array([1j])), r"got complex128 in 'a'$"),
    "bytes that are no UTF-8": (
        npz_of(a=np.array([b"\xff"])),
        r"expected text in UTF-8, got other bytes in 'a'$",
    ),
    "one name from two arrays": (npz_of(X_0=[1], X=[[2]]), r"columns 1 and 2 are both 'X_0'$"),
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
    with pytest.raises(BadInputError, match=r"got a directory$"):
        read_raw_table(tmp_path)
    with pytest.raises(BadInputError, match=r"nothing\.csv: .*cannot be read: No such file or directory"):
        read_raw_table(tmp_path / "nothing.csv")
    with pytest.raises(BadInputError, match=r"/dev/zero: .*got a device or pipe"):
        read_raw_table(Path("/dev/zero"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInputError, match=r"got a device or pipe$"):
        read_raw_table(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(BadInputError, match=r"cannot be read: Permission denied$"):
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
    with pytest.raises(BadInputError, match=r"the Zstandard file is damaged: incomplete frame$"):
        read_raw_table(path)
    latin = subprocess.run(["zstd", "-c"], input=b"a,b\n1,\xe9\n", capture_output=True, check=True).stdout
    path.write_bytes(latin)
    with pytest.raises(BadInputError, match=r"a CSV file in UTF-8 in the Zstandard file: invalid utf8$"):
        read_raw_table(path)


ARFF = "% a comment\n@RELATION r\n@attribute a numeric\n@attribute c {p,qr}\n@data\n1,p\n2,qr\n"
SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
OTHERS = {
    "ARFF": (ARFF.encode(), "an ARFF file", "loadarff"),
    "Stata": (b"<stata_dta><header>\0", "a Stata file", "read_stata"),
    "old Stata": (b"r\x02\x01\x00\x03\x00\x02" + bytes(20), "a Stata file", "read_stata"),
    "SPSS": (b"$FL2@(#) SPSS DATA FILE" + bytes(20), "an SPSS file", "read_spss"),
    "SAS": (SAS, "a SAS file", "format='sas7bdat'"),
    "SAS transport": (b"HEADER RECORD*******LIBRARY HEADER\0", "a SAS transport file", "format='xport'"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook", "pl.read_excel"),
    "HTML": (b"<!DOCTYPE html>\n<html><table>", "an HTML page", "read_html"),
}


@pytest.mark.parametrize("name", ["data.dat", "it's $5.dat", "table.parquet", "table.csv"])
@pytest.mark.parametrize(("data", "found", "reader"), OTHERS.values(), ids=OTHERS.keys())
def test_a_file_of_another_program_is_refused_with_a_command(
    tmp_path: Path, data: bytes, found: str, reader: str, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    code = converting_code(path, found)
    compile(code, "command", "exec")
    assert reader in code
    assert repr(str(path)) in code
    assert code.count(repr(str(path))) == 1, "the file would be written over"


def converting_code(path: Path, found: str) -> str:
    """Return the Python that the refusal offers, as a shell would hand it over."""
    with pytest.raises(BadInputError, match=rf"got {found}; convert it with: python -c ") as caught:
        read_raw_table(path)
    message = str(caught.value)
    assert "\n" not in message
    command = message.removesuffix(f" ({path})").split("convert it with: ")[1]
    python, flag, code = shlex.split(command)
    assert (python, flag) == ("python", "-c")
    return code


def test_an_opendocument_file_is_refused_with_a_command(tmp_path: Path) -> None:
    path = tmp_path / "table.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert "pl.read_ods" in converting_code(path, "an OpenDocument file")


def test_the_command_for_arff_makes_a_table(tmp_path: Path) -> None:
    path = tmp_path / "it's.arff"
    path.write_text(ARFF)
    code = converting_code(path, "an ARFF file")
    subprocess.run([sys.executable, "-c", code], check=True)
    frame = read_raw_table(tmp_path / "it's.parquet").frame
    assert frame.equals(pl.DataFrame({"a": [1.0, 2.0], "c": ["p", "qr"]}))


@pytest.mark.parametrize(
    "text", ["HEADER RECORD,y\n1,2\n", "$FL2,y\n1,2\n", "@relations,y\n1,2\n", "<tab>,y\n1,2\n"]
)
def test_columns_called_as_such_a_file_begins_are_columns(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_raw_table(path).frame.rows() == [("1", "2")]
