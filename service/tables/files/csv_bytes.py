"""The text of a CSV file as bytes of UTF-8, whatever it is compressed and encoded by."""

import codecs
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from service.errors import BadInputError
from service.tables.files.compressed_content import content

BYTES_AT_ONCE = 8 * 2**20
"""Large enough for Polars to parse in parallel, small beside any table that is large."""

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def line_ends(data: bytes) -> int:
    r"""Count the ends of lines: \n, \r\n, and a lone \r."""
    line_feeds = int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))  # faster than bytes.count
    return line_feeds + (data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0)


def utf8_bytes(path: Path, encoding: str | None) -> Iterator[bytes]:
    """Yield the text piece by piece, without a byte-order mark.

    A file that is in UTF-8 already comes as it is: whether it is valid is seen where its lines are known.

    Parameters
    ----------
    path
        The file.
    encoding
        None tells UTF-16 by its mark, and takes all else for UTF-8.

    Raises
    ------
    BadInputError
        The file cannot be read, or is not in this encoding.
    """
    pieces = content(path, BYTES_AT_ONCE)
    first = next(pieces, b"")
    if encoding is None:
        encoding = "utf-16" if first.startswith(UTF16_MARKS) else "utf-8"
    pieces = chain((first,), pieces)
    if codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}:
        yield next(pieces).removeprefix(codecs.BOM_UTF8)
        yield from pieces
    else:
        yield from _recoded(pieces, encoding, path)


def _recoded(pieces: Iterator[bytes], encoding: str, path: Path) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for piece in chain(pieces, (b"",)):
            text = decoder.decode(piece, final=not piece)
            data = text.encode()
            line += line_ends(data)
            yield data
    except UnicodeDecodeError as error:
        line += line_ends(error.object[: error.start].decode(encoding, "replace").encode("utf-8", "replace"))
        raise BadInputError(
            f"the file is in {encoding}, bytes {error.start} to {error.end} are not: {error.reason} "
            f"({path}: line {line})"
        ) from None
    except UnicodeEncodeError as error:
        raise BadInputError(
            f"the file's text can be written in UTF-8, it has {error.object[error.start]!a} ({path})"
        ) from None
