"""Which format a file is in, told by its first bytes."""

from enum import Enum, auto
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from service.errors import BadInputError
from service.tables.files.compressed_content import compression_of, content, refuse_what_is_no_file

HEAD_BYTES = 4096


class FileFormat(Enum):
    """Formats that tables are read from."""

    CSV = auto()
    PARQUET = auto()
    ARROW = auto()
    ARROW_STREAM = auto()
    NPZ = auto()
    NPY = auto()


BEGINNINGS = {
    b"PAR1": FileFormat.PARQUET,
    b"ARROW1\0\0": FileFormat.ARROW,
    b"\xff\xff\xff\xff": FileFormat.ARROW_STREAM,
    b"PK\x03\x04": FileFormat.NPZ,
    b"PK\x05\x06": FileFormat.NPZ,
    b"\x93NUMPY": FileFormat.NPY,
}

NO_TABLES = {
    b"\x89PNG\r\n\x1a\n": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file: save the table as Parquet or CSV",
    b"SQLite format 3\0": "an SQLite database: save a table of it as CSV",
    b"FEA1": "a Feather file of version 1: save it anew, as version 2",
    b"ORC": "an ORC file: save it as Parquet",
    b"\x7fELF": "a program",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive: unpack it",
    b"Rar!\x1a\x07": "a RAR archive: unpack it",
}

PICKLE_PROTOCOLS = (2, 3, 4, 5)


def recognized_format(path: Path) -> FileFormat:
    """Tell the format; whatever is plain text is CSV.

    Raises
    ------
    BadInputError
        The file cannot be read, or is known to be something else.
    """
    refuse_what_is_no_file(path)
    compression = compression_of(path)
    head = b"".join(islice(content(path, HEAD_BYTES), 1))[:HEAD_BYTES]
    found = next((name for beginning, name in NO_TABLES.items() if head.startswith(beginning)), None)
    if head[:1] == b"\x80" and head[1:2] and head[1] in PICKLE_PROTOCOLS:
        found = "a pickle, which can run code: save the table as Parquet or CSV"
    if found is not None and not _is_text(head):
        raise BadInputError(f"a table is a CSV, Parquet, Feather or NumPy file, found {found} ({path})")
    for beginning, file_format in BEGINNINGS.items():
        if head.startswith(beginning) and not _is_text(head):
            if compression is not None:
                raise BadInputError(
                    f"only CSV files are read compressed, found a {file_format.name.lower()} file in "
                    f"{compression.value[0]}: decompress it ({path})"
                )
            if file_format is FileFormat.NPZ:
                _refuse_other_archives(path)
            return file_format
    return FileFormat.CSV


def _is_text(head: bytes) -> bool:
    """Tell whether a file whose first bytes happen to be a format's is text: a column may be called PAR1."""
    return not any(byte < 32 and byte not in b"\t\n\r" for byte in head) and head.isascii() and len(head) > 8


def _refuse_other_archives(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadInputError(f"the npz or zip file is damaged or cut off: {error} ({path})") from None
    if "[Content_Types].xml" in names:
        raise BadInputError(
            f"a table is a CSV, Parquet, Feather or NumPy file, found an Excel workbook ({path})"
        )
    if not names or not all(name.endswith(".npy") for name in names):
        raise BadInputError(
            f"a table is a CSV, Parquet, Feather or NumPy file, found a zip archive: unpack it ({path})"
        )
