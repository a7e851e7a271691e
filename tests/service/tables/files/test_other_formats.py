"""Files of other programs are refused with the command that makes a table of them."""

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.files.raw_reading import read_raw_table

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
