"""How a CSV file is written: what is left open is detected from the file."""

from dataclasses import dataclass

from service.errors import BadInputError
from service.tables.cells import shown

QUOTE = '"'


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a CSV file is written; None where the file is to tell.

    Attributes
    ----------
    encoding
        Python's name of the encoding. UTF-8 and, by its byte-order mark, UTF-16 are detected.
    delimiter
        What stands between cells, one ASCII character.
    decimal_comma
        Whether 1,5 is one and a half, and 1.234 more than a thousand.
    is_aligned
        Whether a run of blanks stands between cells, rather than the delimiter; only the file tells.

    Raises
    ------
    BadInputError
        The delimiter can be none, or there is no such encoding.
    """

    encoding: str | None = None
    delimiter: str | None = None
    decimal_comma: bool | None = None
    is_aligned: bool = False

    def __post_init__(self) -> None:
        if self.delimiter is not None and not _can_delimit(self.delimiter):
            raise BadInputError(
                f"expected one ASCII character as delimiter, neither a quote nor a line end, got"
                f" {shown(self.delimiter)}"
            )
        if self.encoding is not None:
            try:
                "".encode(self.encoding)
            except (LookupError, UnicodeError, ValueError):
                raise BadInputError(
                    f"expected an encoding that Python knows, such as cp1252, got {shown(self.encoding)}"
                ) from None


def _can_delimit(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text not in f"{QUOTE}\r\n\0"
