"""Numbers as a CSV file that a page carries in itself."""

import csv
from base64 import b64encode
from io import StringIO

from service.report.page.blocks import Cell, Numbers

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(numbers: Numbers) -> str:
    """Return numbers in full as CSV.

    A text that a spreadsheet would take for a formula gets an apostrophe before it: it may come from a table.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_safe(column) for column in numbers.columns])
    writer.writerows([_safe(cell) for cell in row] for row in numbers.rows)
    return text.getvalue()


def csv_address(numbers: Numbers) -> str:
    """Return the CSV as an address that holds it, for a link."""
    return f"data:text/csv;charset=utf-8;base64,{b64encode(csv_text(numbers).encode()).decode()}"


def _safe(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
