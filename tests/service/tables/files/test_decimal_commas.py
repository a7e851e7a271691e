"""A decimal comma is told where the cells can be read in no other way, or likelier in no other."""

from pathlib import Path

import pytest

from service.tables.files.csv_dialect import CsvDialect
from service.tables.files.raw_reading import read_raw_table

TOLD = {
    "one and a half": ("a;b\n1,5;x\n2;y\n", True),
    "below zero": ("a;b\n-0,25;x\n", True),
    "thousands with points": ("a;b\n1.234,5;x\n", True),
    "no integer": ("a\tb\n,5\t1\n", True),
    "an exponent": ("a|b\n1,5e-3|1\n", True),
    "commas in words": ("a;b\nx, y;1\n", False),
    "a comma in one cell of a column of words": ("a;b\n1,5;1\nx;2\n", False),
    "points": ("a;b\n1.5;x\n", False),
    "points and thousands with commas": ("a;b\n1,234.5;1\n1,234;2\n", False),
    "points in more columns": ("a;b;c\n1,5;1.5;2.25\n", False),
    "either way, between semicolons": ("a;b\n1,234;x\n", True),
    "either way, between tabs": ("a\tb\n1,234\tx\n", False),
    "commas between cells": ("a,b\n1,5\n2,7\n", False),
    "no rows with numbers": ("a;b\nx;y\n", False),
}


@pytest.mark.parametrize(("text", "expected"), TOLD.values(), ids=TOLD.keys())
def test_a_decimal_comma_is_told(tmp_path: Path, text: str, *, expected: bool) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_raw_table(path).decimal_comma is expected
    named = read_raw_table(path, dialect=CsvDialect(decimal_comma=not expected))
    assert named.decimal_comma is not expected
