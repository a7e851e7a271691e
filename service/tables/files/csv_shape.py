"""Whether every record of a CSV block has as many cells as the header."""

import numpy as np

from service.errors import BadInputError
from service.tables.files.byte_masks import count, positions
from service.tables.files.csv_structure import CsvStructure


def plain_records(data: bytes, delimiter: str, n_columns: int) -> int | None:
    """Count the records of data that has neither quotes, carriage returns nor blank lines: it takes no masks.

    None where it has, or where `counts_fit` would be false.
    """
    if b'"' in data or b"\r" in data or b"\n\n" in data or data.startswith(b"\n"):
        return None
    values = np.frombuffer(data, np.uint8)
    n_records = np.count_nonzero(values == ord("\n")) + (not data.endswith(b"\n"))
    n_delimiters = np.count_nonzero(values == ord(delimiter))
    return int(n_records) if n_delimiters == n_records * (n_columns - 1) else None


def counts_fit(structure: CsvStructure, n_columns: int) -> bool:
    """Tell whether the block has as many cells as its records should have together.

    A short record may still make up for a long one; a reader that refuses long ones makes this a proof.
    Only for blocks without blank lines.
    """
    return count(structure.delimiters) == structure.n_records * (n_columns - 1)


def refuse_ragged_records(structure: CsvStructure, n_columns: int) -> None:
    """Refuse the first record that has more or fewer cells than the header; blank lines are no records.

    Raises
    ------
    BadInputError
        There is one; with its line.
    """
    starts, ends = structure.record_spans()
    delimiters = positions(structure.delimiters)
    n_cells = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    ragged = np.flatnonzero((n_cells != n_columns) & ~structure.is_blank())
    if ragged.size:
        first = ragged[0]
        raise BadInputError(
            f"a row has as many cells as the header, expected {n_columns}, found {n_cells[first]} "
            f"({structure.block.place(int(starts[first]))})"
        )
