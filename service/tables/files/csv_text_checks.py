"""What the bytes of a CSV block may be: UTF-8, without NUL."""

from service.errors import BadInputError
from service.tables.csv_cells import shown
from service.tables.files.csv_blocks import CsvBlock

WORD_AROUND = 12
"""Bytes on either side of a faulty one that are shown."""


def refuse_other_bytes(block: CsvBlock) -> None:
    """Refuse bytes that are no text, or text in another encoding: to guess it would change words silently.

    Raises
    ------
    BadInputError
        The block is not UTF-8, or has a NUL byte; with the line, and what the encoding may be.
    """
    data = block.data
    nul = data.find(b"\0")
    if nul >= 0:
        hint = "; is the file in UTF-16?" if _is_every_other_byte_nul(data, nul) else ""
        raise BadInputError(f"a CSV file is text, found a NUL byte{hint} ({block.place(nul)})")
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        start = error.start
        raise BadInputError(
            f"a CSV file is in UTF-8, line {block.line(start)} is not: {_guess(data, start)} "
            f"({block.place(start)})"
        ) from None


def _is_every_other_byte_nul(data: bytes, nul: int) -> bool:
    begin = nul % 2
    head = data[begin : begin + 64 : 2]
    return len(head) > 1 and head.count(0) > len(head) / 2


def _guess(data: bytes, start: int) -> str:
    line_start = data.rfind(b"\n", 0, start) + 1
    around = data[max(line_start, start - WORD_AROUND) : start + WORD_AROUND].splitlines()[0]
    try:
        word = shown(around.decode("cp1252"))
    except UnicodeDecodeError:
        return f"byte 0x{data[start]:02x} is in no encoding that is easily told; convert the file to UTF-8"
    return (
        f"the bytes look like cp1252 (Windows), {word} in it: convert the file, "
        "as with `iconv -f CP1252 -t UTF-8`, or name its encoding"
    )
