"""Where the cells and records of a CSV block end, with quotes as they must be.

A mask is an array of words: bit `i % 64`, counted from the least, of word `i // 64` is that of byte `i`.
Bits after the data's end are 0. Columns that are aligned by runs of blanks are made into cells between
tabs.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.errors import BadInputError
from service.tables.cells import shown
from service.tables.files.csv_blocks import CsvBlock

WORD_BITS = 64

Mask = NDArray[np.uint64]


def mask_of(data: bytes, byte: int) -> Mask:
    """Mark every place where this byte stands."""
    bits = np.packbits(np.frombuffer(data, np.uint8) == byte, bitorder="little")
    words = np.zeros(-(-len(data) // WORD_BITS), "<u8")
    words.view(np.uint8)[: bits.size] = bits
    return words.astype(np.uint64, copy=False)


def after(mask: Mask, *, first: bool) -> Mask:
    """Mark every byte whose predecessor is marked.

    Parameters
    ----------
    mask
        Of any data; the bit that leaves it at the end is lost.
    first
        Whether the first byte is marked.
    """
    moved = mask << np.uint64(1)
    moved[1:] |= mask[:-1] >> np.uint64(WORD_BITS - 1)
    if first and moved.size:
        moved[0] |= np.uint64(1)
    return moved


def odd(mask: Mask) -> Mask:
    """Mark every byte up to which, itself included, an odd number of bytes are marked.

    References
    ----------
    Langdale and Lemire 2019, Parsing gigabytes of JSON per second, section 3.1.1: a prefix sum without
    carries. They have an instruction for it; here it is six shifts within words, then one sum over the words.
    """
    parity = mask.copy()
    for step in (1, 2, 4, 8, 16, 32):
        parity ^= parity << np.uint64(step)
    last_bits = parity >> np.uint64(WORD_BITS - 1)
    carried = np.zeros_like(last_bits)
    np.bitwise_xor.accumulate(last_bits[:-1], out=carried[1:])
    parity ^= np.uint64(0) - carried  # all ones where the words before have an odd number
    return parity


def count(mask: Mask) -> int:
    """Count the marked bytes."""
    return int(np.bitwise_count(mask).sum(dtype=np.int64))


def positions(mask: Mask) -> NDArray[np.intp]:
    """Return where the marked bytes are, ascending."""
    return np.flatnonzero(np.unpackbits(mask.astype("<u8", copy=False).view(np.uint8), bitorder="little"))


def first_position(mask: Mask) -> int | None:
    """Return where the first marked byte is."""
    words = np.flatnonzero(mask)
    if not words.size:
        return None
    word = int(mask[words[0]])
    return int(words[0]) * WORD_BITS + (word & -word).bit_length() - 1


def refuse_misplaced_quotes(block: CsvBlock, quotes: Mask, outside: Mask, borders: Mask) -> None:
    """Refuse a quote that neither begins nor ends a cell, nor is one of two that stand for one in it.

    Parameters
    ----------
    block
        Whole records.
    quotes
        Every quote.
    outside
        Every byte that is not inside quotes: of quotes, those that close.
    borders
        Delimiters and line ends outside quotes.

    Raises
    ------
    BadInputError
        There is one, or the last is not closed; with the line that it, or its cell, begins on.
    """
    opening, closing = quotes & ~outside, quotes & outside
    bad_opening = first_position(opening & ~after(borders | quotes, first=True))
    after_closing = after(closing, first=False) & ~(borders | quotes)
    remainder = len(block.data) % 64
    if remainder and after_closing.size:
        after_closing[-1] &= np.uint64((1 << remainder) - 1)
    bad_closing = first_position(after_closing)
    if bad_opening is not None and (bad_closing is None or bad_opening < bad_closing):
        raise BadInputError(
            f"{block.place(bad_opening)}: a CSV record is malformed: expected a cell with quotes in it to"
            " be quoted, and its quotes"
            f" doubled, got {_excerpt(block.data, bad_opening)}"
        )
    if bad_closing is not None:
        begin = _begin_of_cell(opening, closing, bad_closing)
        raise BadInputError(
            f"{block.place(begin)}: a CSV record is malformed: expected a delimiter or a line end after a"
            " closing quote, got"
            f" {_excerpt(block.data, bad_closing)}"
        )
    if count(quotes) % 2:
        begin = _begin_of_cell(opening, closing, len(block.data))
        raise BadInputError(
            f"{block.place(begin)}: a CSV record is malformed: a quote is not closed in the cell that begins"
            f" {_excerpt(block.data, begin)}"
        )


def _begin_of_cell(opening: Mask, closing: Mask, position: int) -> int:
    """Return where the quoted cell begins that the byte is in: doubled quotes inside it open nothing."""
    begins = positions(opening & ~after(closing, first=False))
    return int(begins[np.searchsorted(begins, position) - 1])


def _excerpt(data: bytes, position: int) -> str:
    """Show the text around a byte, on its line."""
    line_start = max(data.rfind(b"\n", 0, position), data.rfind(b"\r", 0, position)) + 1
    piece = data[max(line_start, position - 20) : position + 20]
    return shown((piece.decode("utf-8", "ignore").splitlines() or [""])[0])


QUOTE, LINE_FEED, CARRIAGE_RETURN = b'"\n\r'


@dataclass(frozen=True, slots=True, eq=False)
class CsvStructure:
    """A block's records.

    Attributes
    ----------
    block
        The block; every record but the last surely ends with a line feed.
    delimiters, ends
        Marks of those that are not inside quotes.
    """

    block: CsvBlock
    delimiters: Mask
    ends: Mask

    @property
    def n_records(self) -> int:
        """Number of records, blank lines included."""
        return count(self.ends) + (not self.is_ended)

    @property
    def is_ended(self) -> bool:
        """Whether the last record has its line end."""
        data = self.block.data
        return not data or bool(self.ends[-1] >> np.uint64((len(data) - 1) % 64) & np.uint64(1))

    def record_spans(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where each record begins and where it ends, its line end excluded."""
        ends = positions(self.ends)
        if not self.is_ended:
            ends = np.append(ends, len(self.block.data))
        starts = np.zeros_like(ends)
        starts[1:] = ends[:-1] + 1
        return starts, ends

    def is_blank(self) -> NDArray[np.bool_]:
        """Tell which records are blank lines (n_records,)."""
        starts, ends = self.record_spans()
        lengths = ends - starts
        first_bytes = np.frombuffer(self.block.data + b"\n", np.uint8)[starts]
        blank: NDArray[np.bool_] = (lengths == 0) | ((lengths == 1) & (first_bytes == CARRIAGE_RETURN))
        return blank


def csv_structure(block: CsvBlock, delimiter: str) -> CsvStructure:
    """Find the records, and check the quotes.

    A quoted cell begins with its quote and ends with one, and quotes inside it are doubled. A carriage return
    alone ends a record as a line feed does, and is made one.

    Raises
    ------
    BadInputError
        A quote stands elsewhere, or is not closed.
    """
    data = block.data
    delimiters, line_feeds = mask_of(data, ord(delimiter)), mask_of(data, LINE_FEED)
    returns = mask_of(data, CARRIAGE_RETURN) if b"\r" in data else np.zeros_like(line_feeds)
    if b'"' in data:
        quotes = mask_of(data, QUOTE)
        outside = ~odd(quotes)
        delimiters, line_feeds, returns = delimiters & outside, line_feeds & outside, returns & outside
        refuse_misplaced_quotes(block, quotes, outside, delimiters | line_feeds | returns)
    if returns.any():
        lone = returns & ~_before(line_feeds)
        if lone.any():
            bytes_of_data = np.frombuffer(data, np.uint8).copy()
            bytes_of_data[positions(lone)] = LINE_FEED
            block = replace(block, data=bytes_of_data.tobytes())
            line_feeds |= lone
    return CsvStructure(block, delimiters, line_feeds)


def record_structure(block: CsvBlock, delimiter: str) -> CsvStructure:
    """Find the records as `csv_structure` does, also where spaces and tabs together align columns.

    Raises
    ------
    BadInputError
        A quote stands elsewhere, or is not closed.
    """
    if delimiter == " ":
        block = replace(block, data=block.data.replace(b"\t", b" "))
    return csv_structure(block, delimiter)


def has_blank_lines(structure: CsvStructure) -> bool:
    """Return whether any record is a blank line."""
    begins = after(structure.ends, first=True)
    if b"\r" not in structure.block.data:
        return bool((structure.ends & begins).any())
    return bool(structure.is_blank().any())


def without_blank_lines(structure: CsvStructure) -> bytes:
    """Return the block's data without its blank lines."""
    starts, ends = structure.record_spans()
    kept = ~structure.is_blank()
    data = structure.block.data
    return b"".join(
        data[start : end + 1] for start, end in zip(starts[kept].tolist(), ends[kept].tolist(), strict=True)
    )


def _before(mask: Mask) -> Mask:
    """Mark every byte whose successor is marked."""
    moved = mask >> np.uint64(1)
    moved[:-1] |= mask[1:] << np.uint64(63)
    return moved


SPACE, TAB = b" \t"

ALIGNED_DELIMITER = "\t"
"""The delimiter afterwards."""


def tabs_for_blanks(data: bytes) -> bytes:
    """Put one tab in the place of each run of spaces and tabs, and nothing at a line's begin and end.

    Blanks inside quotes stay, and so do all line ends: lines keep their numbers.

    Parameters
    ----------
    data
        Whole records.
    """
    values = np.frombuffer(data, np.uint8)
    is_blank = (values == SPACE) | (values == TAB)
    if b'"' in data:
        inside = odd(mask_of(data, QUOTE)).astype("<u8", copy=False).view(np.uint8)
        is_blank &= np.unpackbits(inside, count=values.size, bitorder="little") == 0
    if not is_blank.any():
        return data
    is_end = (values == LINE_FEED) | (values == CARRIAGE_RETURN)
    is_kept = np.ones_like(is_blank)
    is_kept[0] = not is_blank[0]
    is_kept[1:] = ~(is_blank[1:] & (is_blank[:-1] | is_end[:-1]))
    is_tab, is_end = is_blank[is_kept], is_end[is_kept]
    kept = values[is_kept]
    kept[is_tab] = TAB
    is_last = np.append(is_end[1:], True)  # the data's end is a line's
    tabbed: NDArray[np.uint8] = kept[~(is_tab & is_last)]
    return tabbed.tobytes()
