"""Where the cells and records of a CSV block end, with quotes as they must be."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.tables.files.byte_masks import Mask, after, count, mask_of, odd, positions
from service.tables.files.csv_blocks import CsvBlock
from service.tables.files.csv_quotes import refuse_misplaced_quotes

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


def has_blank_lines(structure: CsvStructure) -> bool:
    """Tell whether any record is a blank line."""
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
