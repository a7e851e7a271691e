"""Which format a file is in, recognized by its first bytes."""

import codecs
import re
from enum import Enum
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from service.errors import BadInputError
from service.tables.files.compressed_content import (
    Compression,
    compression_of,
    content,
    refuse_what_is_no_file,
)
from service.tables.files.other_formats import (
    ODS_CODE,
    OTHER_FORMATS,
    OTHER_TEXT_FORMATS,
    advice,
    conversion,
)

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
    refuse_what_is_no_file(path)
    compression = compression_of(path)
    head = b"".join(islice(content(path, HEAD_BYTES), 1))[:HEAD_BYTES]
    _refuse_other_formats(head, path)
    found = _format_of(head)
    if compression is not None and compression not in READ_COMPRESSED.get(found, ()):
        raise BadInputError(
            f"expected an uncompressed {found.value} file, got one in {compression.value[0]}; decompress it"
            f" ({path})"
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
            raise _unexpected(other.name, advice(other, path), path)


def _unexpected(found: str, what_to_do: str, path: Path) -> BadInputError:
    return BadInputError(f"{EXPECTED}, got {found}{what_to_do and f'; {what_to_do}'} ({path})")


def _is_text(head: bytes) -> bool:
    """Tell whether a file whose first bytes happen to be a format's is text: a column may be called PAR1."""
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
        raise BadInputError(f"the Excel, npz or zip file is damaged or cut off: {error} ({path})") from None
    if "[Content_Types].xml" in names:
        if any(name.startswith("xl/") for name in names):
            return FileFormat.WORKBOOK
        raise _unexpected("a document of Word or PowerPoint", "save its table as CSV", path)
    if "content.xml" in names and "mimetype" in names:
        raise _unexpected("an OpenDocument file", conversion(ODS_CODE, path), path)
    if not names or not all(name.endswith(".npy") for name in names):
        raise _unexpected("a zip archive", "unpack it", path)
    return FileFormat.NPZ
