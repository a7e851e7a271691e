"""Formats that tables are not read from: what such a file is, and the command that makes a table of it."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple


class OtherFormat(NamedTuple):
    """A format by the first bytes of its files.

    Attributes
    ----------
    beginning
        What the first bytes match.
    name
        What it is called, with its article.
    advice
        What to do about it; nothing where there is no table in it.
    code
        Python that converts a file, with `{source}` and `{target}` for quoted paths; nothing where none does.
    """

    beginning: re.Pattern[bytes]
    name: str
    advice: str = ""
    code: str = ""


def _bytes(beginning: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(beginning))


_PANDAS = "import pandas as pd; pd.read_{reader}.to_parquet({{target}})"
_STATA = _PANDAS.format(reader="stata({source})")
_SPSS = "import pandas as pd; pd.read_spss({source}).to_csv({target}, index=False)"
_SAS = _PANDAS.format(reader="sas({source}, format='sas7bdat', encoding='infer')")
_XPORT = _PANDAS.format(reader="sas({source}, format='xport', encoding='latin-1')")
_HTML = "import pandas as pd; pd.read_html({source})[0].to_csv({target}, index=False)"
_OLD_EXCEL = "import polars as pl; pl.read_excel({source}).write_parquet({target})"
ODS_CODE = "import polars as pl; pl.read_ods({source}).write_parquet({target})"
_ARFF = (
    "import polars as pl; from scipy.io import arff; "
    "pl.DataFrame(arff.loadarff({source})[0]).cast({{pl.Binary: pl.String}}).write_parquet({target})"
)

OTHER_FORMATS = (
    OtherFormat(_bytes(b"\x89PNG\r\n\x1a\n"), "a PNG image"),
    OtherFormat(_bytes(b"\xff\xd8\xff"), "a JPEG image"),
    OtherFormat(_bytes(b"GIF8"), "a GIF image"),
    OtherFormat(_bytes(b"%PDF"), "a PDF document"),
    OtherFormat(_bytes(b"\xd0\xcf\x11\xe0"), "an old Excel workbook", code=_OLD_EXCEL),
    OtherFormat(_bytes(b"\x89HDF\r\n\x1a\n"), "an HDF5 file", "save the table as Parquet or CSV"),
    OtherFormat(_bytes(b"SQLite format 3\0"), "an SQLite database", "save one of its tables as CSV"),
    OtherFormat(_bytes(b"FEA1"), "a Feather file of version 1", "save it again, as version 2"),
    OtherFormat(_bytes(b"ORC"), "an ORC file", "save it as Parquet"),
    OtherFormat(_bytes(b"\x7fELF"), "a program"),
    OtherFormat(_bytes(b"7z\xbc\xaf\x27\x1c"), "a 7z archive", "unpack it"),
    OtherFormat(_bytes(b"Rar!\x1a\x07"), "a RAR archive", "unpack it"),
    OtherFormat(
        re.compile(rb"\x80[\x02-\x05]"), "a pickle, which can run code", "save the table as Parquet or CSV"
    ),
    OtherFormat(re.compile(rb"<stata_dta>|[\x6c-\x73][\x01\x02]\x01\0"), "a Stata file", code=_STATA),
    OtherFormat(re.compile(rb"\$FL[23]"), "an SPSS file", code=_SPSS),
    OtherFormat(_bytes(bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92"), "a SAS file", code=_SAS),
    OtherFormat(_bytes(b"HEADER RECORD*******LIBRARY"), "a SAS transport file", code=_XPORT),
    OtherFormat(_bytes(b"HEADER RECORD*******LIBV"), "a SAS transport file of version 8", "save it as CSV"),
)
"""Those of binary files; the beginning may also be that of a text, such as a column called ORC."""

OTHER_TEXT_FORMATS = (
    OtherFormat(re.compile(rb"(?i)(\s*%[^\r\n]*[\r\n])*\s*@relation\s"), "an ARFF file", code=_ARFF),
    OtherFormat(re.compile(rb"(?i)\s*<(!doctype html|html|head|body|table)\b"), "an HTML page", code=_HTML),
)
"""Those of texts, whose beginning no CSV file has."""


def advice(other: OtherFormat, path: Path) -> str:
    """Say what to do about a file; nothing where there is no table in it.

    Parameters
    ----------
    other
        Its format.
    path
        Where it is.
    """
    return conversion(other.code, path) if other.code else other.advice


def conversion(code: str, path: Path) -> str:
    """Return the advice to convert a file, with the command for a shell."""
    target = path.with_suffix(".csv" if "to_csv" in code else ".parquet")
    if target == path:
        target = path.with_name(f"{path.stem}-converted{path.suffix}")
    code = code.format(source=repr(str(path)), target=repr(str(target)))
    quoted = shlex.quote(code) if any(character in code for character in '"$`\\!') else f'"{code}"'
    return f"convert it with: python -c {quoted}"
