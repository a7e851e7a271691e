"""What a file is, by its first bytes and never by its name: how it is compressed, and which format it is in.

Formats that tables are not read from are here too, each with the command that makes a table of it. So is
the error for a file that is in one of our formats, but damaged.
"""

import bz2
import codecs
import gzip
import lzma
import re
import shlex
import zlib
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from io import BufferedIOBase
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

import polars as pl

from service.errors import BadInputError, TablePlaceError
from service.tables.input_files import tables_in

MOST_TABLES_NAMED = 3
"""Of a directory's that was taken for a table."""

LINES_AT_ONCE = 100_000
"""Of a file that is decompressed by lines."""


class Compression(Enum):
    """How a file is compressed: what it is called, and how it begins."""

    GZIP = ("gzip", b"\x1f\x8b\x08")
    BZIP2 = ("bzip2", b"BZh")
    XZ = ("xz", b"\xfd7zXZ\0")
    ZSTANDARD = ("Zstandard", b"\x28\xb5\x2f\xfd")


BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""What follows after "BZh" and a digit: a block, or the end; a column may well be called BZh9."""

OPENERS: dict[Compression, Callable[[Path], BufferedIOBase]] = {
    Compression.GZIP: partial(gzip.GzipFile, mode="rb"),
    Compression.BZIP2: partial(bz2.BZ2File, mode="rb"),
    Compression.XZ: partial(lzma.LZMAFile, mode="rb"),
}


def _refuse_what_is_no_file(path: Path) -> None:
    """Refuse what cannot be read, or could be read only once.

    Raises
    ------
    BadInputError
        There is a directory, a device or a pipe, or nothing.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadInputError(f"{path}: the file cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadInputError(f"expected a path without a NUL character, got {f'{path}'!a}") from None
    if S_ISDIR(mode):
        inside = tables_in(path)
        tables = ", ".join(f"{file.name!r}" for file in inside[:MOST_TABLES_NAMED])
        more = f" and {len(inside) - MOST_TABLES_NAMED} more" if len(inside) > MOST_TABLES_NAMED else ""
        holds = f" that holds {tables}{more}" if inside else ""
        message = f"{path}: expected a file, got a directory{holds}"
        raise TablePlaceError(message, place=f"{path}", meant=inside[0] if inside else None)
    if not S_ISREG(mode):
        raise BadInputError(f"{path}: expected a file, got a device or pipe")


def _compression_of(path: Path) -> Compression | None:
    """Tell how the file is compressed; None where it is not.

    Raises
    ------
    BadInputError
        The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(10)
    except OSError as error:
        raise BadInputError(f"{path}: the file cannot be read: {error.strerror}") from None
    for compression in Compression:
        if head.startswith(compression.value[1]):
            is_text = compression is Compression.BZIP2 and head[4:] not in BZIP2_BLOCKS
            return None if is_text else compression
    return None


def content(path: Path, n_bytes: int) -> Iterator[bytes]:
    """Yield what the file holds, so many bytes at a time.

    Raises
    ------
    BadInputError
        The file cannot be read, or its compression is damaged or cut off.
    """
    compression = _compression_of(path)
    try:
        if compression is Compression.ZSTANDARD:
            yield from _decompressed_lines(path)
            return
        with path.open("rb") if compression is None else OPENERS[compression](path) as file:
            while data := file.read(n_bytes):
                yield data
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        strerror = getattr(error, "strerror", None)
        if compression is None or strerror is not None:
            raise BadInputError(f"{path}: the file cannot be read: {strerror}") from None
        name = compression.value[0]
        if isinstance(error, EOFError):
            raise BadInputError(f"{path}: the {name} file is cut off: its end is missing") from None
        raise BadInputError(f"{path}: the {name} file is damaged: {_first_line(error)}") from None


def _decompressed_lines(path: Path) -> Iterator[bytes]:
    """Have Polars decompress: Python reads Zstandard from 3.14 on. A line's end comes as a line feed."""
    try:
        for lines in pl.scan_lines(path, glob=False).collect_batches(chunk_size=LINES_AT_ONCE):
            text = lines.to_series().str.join("\n").item() if lines.height else None
            if text is not None:
                yield text.encode() + b"\n"
    except pl.exceptions.PolarsError as error:
        raise BadInputError(
            f"{path}: expected a CSV file in UTF-8 in the Zstandard file: {_first_line(error)}"
        ) from None


def _first_line(error: Exception) -> str:
    return f"{error}".splitlines()[0] if f"{error}" else type(error).__name__


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


def _advice(other: OtherFormat, path: Path) -> str:
    """Say what to do about a file; nothing where there is no table in it.

    Parameters
    ----------
    other
        Its format.
    path
        Where it is.
    """
    return _conversion(other.code, path) if other.code else other.advice


def _conversion(code: str, path: Path) -> str:
    """Return the advice to convert a file, with the command for a shell."""
    target = path.with_suffix(".csv" if "to_csv" in code else ".parquet")
    if target == path:
        target = path.with_name(f"{path.stem}-converted{path.suffix}")
    code = code.format(source=repr(str(path)), target=repr(str(target)))
    quoted = shlex.quote(code) if any(character in code for character in '"$`\\!') else f'"{code}"'
    return f"convert it with: python -c {quoted}"


HEAD_BYTES = 4096


class FileFormat(Enum):
    """Formats that tables are read from, by the names that people know."""

    CSV = "CSV"
    PARQUET = "Parquet"
    ARROW = "Feather (Arrow)"
    ARROW_STREAM = "Arrow stream"
    JSON_LINES = "JSON lines"
    JSON = "JSON"
    WORKBOOK = "Excel workbook"
    NPZ = "NumPy npz"
    NPY = "NumPy npy"


BEGINNINGS = {
    b"PAR1": FileFormat.PARQUET,
    b"ARROW1\0\0": FileFormat.ARROW,
    b"\xff\xff\xff\xff": FileFormat.ARROW_STREAM,
    b"PK\x03\x04": FileFormat.NPZ,
    b"PK\x05\x06": FileFormat.NPZ,
    b"\x93NUMPY": FileFormat.NPY,
}
"""A zip archive is looked into: it may be a workbook as well."""

TEXT_BEGINNINGS = {
    re.compile(rb'\s*\{\s*["}]'): FileFormat.JSON_LINES,
    re.compile(rb"\s*\[\s*[{\]]"): FileFormat.JSON,
}
"""A column may be called [a] or {a}, but in CSV no quote follows a brace."""

READ_COMPRESSED = {
    FileFormat.CSV: frozenset(Compression),
    FileFormat.JSON_LINES: frozenset({Compression.GZIP, Compression.ZSTANDARD}),
}

EXPECTED = "expected a CSV, JSON, Excel, Parquet, Feather or NumPy file"


def recognized_format(path: Path) -> FileFormat:
    """Tell the format; text is CSV where it is neither JSON nor known to be something else.

    Raises
    ------
    BadInputError
        The file cannot be read, or is known to be something else.
    """
    _refuse_what_is_no_file(path)
    compression = _compression_of(path)
    head = b"".join(islice(content(path, HEAD_BYTES), 1))[:HEAD_BYTES]
    _refuse_other_formats(head, path)
    found = _format_of(head)
    if compression is not None and compression not in READ_COMPRESSED.get(found, ()):
        raise BadInputError(
            f"{path}: expected an uncompressed {found.value} file, got one in {compression.value[0]};"
            " decompress it"
        )
    return _format_of_archive(path) if found is FileFormat.NPZ else found


def _format_of(head: bytes) -> FileFormat:
    if not _is_text(head):
        for beginning, file_format in BEGINNINGS.items():
            if head.startswith(beginning):
                return file_format
    text = head.removeprefix(codecs.BOM_UTF8)
    return next((each for begin, each in TEXT_BEGINNINGS.items() if begin.match(text)), FileFormat.CSV)


def _refuse_other_formats(head: bytes, path: Path) -> None:
    others = OTHER_TEXT_FORMATS if _is_text(head) else (*OTHER_FORMATS, *OTHER_TEXT_FORMATS)
    for other in others:
        if other.beginning.match(head):
            raise _unexpected(other.name, _advice(other, path), path)


def _unexpected(found: str, what_to_do: str, path: Path) -> BadInputError:
    return BadInputError(f"{path}: {EXPECTED}, got {found}{what_to_do and f'; {what_to_do}'}")


def _is_text(head: bytes) -> bool:
    """Return whether a file that begins like another format is text: a column may be called PAR1."""
    return not any(byte < 32 and byte not in b"\t\n\r" for byte in head) and head.isascii() and len(head) > 8


def _format_of_archive(path: Path) -> FileFormat:
    """Tell what a zip archive is.

    Raises
    ------
    BadInputError
        It is damaged, or neither a workbook nor arrays of NumPy.
    """
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInputError(f"{path}: the Excel, npz or zip file is damaged or cut off: {error}") from None
    if "[Content_Types].xml" in names:
        if any(name.startswith("xl/") for name in names):
            return FileFormat.WORKBOOK
        raise _unexpected("a document of Word or PowerPoint", "save its table as CSV", path)
    if "content.xml" in names and "mimetype" in names:
        raise _unexpected("an OpenDocument file", _conversion(ODS_CODE, path), path)
    if not names or not all(name.endswith(".npy") for name in names):
        raise _unexpected("a zip archive", "unpack it", path)
    return FileFormat.NPZ


FAILURES = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, OverflowError)
"""What Polars raises on a damaged file; a panic is not an `Exception`."""


def damaged(path: Path, file_format: FileFormat, error: BaseException) -> BadInputError:
    """Shorten Polars' error to one line."""
    reason = (f"{error}".splitlines() or [type(error).__name__])[0]
    if "precision must be between" in reason:
        return BadInputError(
            f"{path}: expected decimals of at most 38 digits: {reason}; write them as float64"
        )
    if file_format in {FileFormat.JSON_LINES, FileFormat.JSON}:
        expected = (
            "one JSON object per line"
            if file_format is FileFormat.JSON_LINES
            else "one JSON array of objects"
        )
        return BadInputError(f"{path}: expected {expected}, and could not read it: {reason}")
    return BadInputError(f"{path}: the {file_format.value} file is damaged or cut off: {reason}")
