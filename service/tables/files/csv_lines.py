"""The line of a CSV file that an example begins on, found by reading up to it: only messages ask for it."""

from pathlib import Path

from service.tables.files.csv_blocks import csv_blocks
from service.tables.files.csv_structure import csv_structure


def line_of_row(path: Path, encoding: str | None, row: int) -> int | None:
    """Return the line, counted from 1, of a row counted from 0 after the header; None if it is gone.

    Raises
    ------
    BadInputError
        The file cannot be read any more.
    """
    n_before = -1  # the header
    for block in csv_blocks(path, encoding):
        structure = csv_structure(block, ",")  # whichever the delimiter: records end at line ends
        starts, _ = structure.record_spans()
        starts = starts[~structure.is_blank()]
        if row - n_before < starts.size:
            return structure.block.line(int(starts[row - n_before]))
        n_before += starts.size
    return None
