"""A column is read by one reading, whatever the order and the number of its cells."""

import numpy as np
import polars as pl
import pytest

from service.tables.number_format import NumberFormat
from service.tables.readings import (
    ReadCells,
    Reading,
    ambiguous_row,
    may_be_read,
    read_plainly,
    readings_of,
    several_units,
)
from service.tables.times import DateFormat, Duration

N = 2_000
COLUMNS: dict[str, tuple[list[str], Reading | None]] = {
    "rare commas": (
        [f"{n * 2:,.1f}" if n % 999 == 0 else f"{n % 900}.5" for n in range(N)],
        NumberFormat(thousands=","),
    ),
    "a rare decimal comma": (
        [f"{n % 900 + 1},{n % 1000:03}" if n % 50 else f"{n},5" for n in range(1, N)],
        NumberFormat(thousands=".", decimal=","),
    ),
    "few days over 12": (
        [f"{1 + n % 12:02}/{1 + n % 12:02}/2024" if n % 500 else "31/01/2024" for n in range(N)],
        DateFormat(format="%d/%m/%Y"),
    ),
    "one long time": ([f"{n % 24}:{n % 60:02}:00" if n else "30:00:00" for n in range(N)], Duration()),
    "names": ([f"name {n} of {n % 7}" for n in range(N)], None),
}


def best(cells: list[str]) -> ReadCells | None:
    column = pl.Series("c", cells)
    reads = list(readings_of(column, column.unique(), decimal_comma=False))
    return min(reads, key=lambda read: len(read.faulty), default=None)


@pytest.mark.parametrize(("cells", "reading"), COLUMNS.values(), ids=COLUMNS.keys())
def test_the_order_of_cells_does_not_decide(cells: list[str], reading: Reading | None) -> None:
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(cells)).tolist()
        read = best([cells[row] for row in order])
        assert (read and read.reading) == reading
        assert read is None or len(read.faulty) == 0


def test_a_lone_word_among_many_numbers_is_missing_and_slips_are_not() -> None:
    many = [f"{n}.5" for n in range(30)]
    for words, missing, n_faulty in ((["never"] * 2, ("never",), 0), (["never"], (), 1), (["a", "b"], (), 2)):
        read = read_plainly(pl.Series("c", [*many, *words]), decimal_comma=False)
        assert (read.missing, len(read.faulty)) == (missing, n_faulty)
    few = read_plainly(pl.Series("c", ["1", "2", "many", "many"] * 5), decimal_comma=False)
    assert few.missing == ()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.5", "NA", "3"], False),
        (["red", "green"], False),
        (["2024-01-01", "2024-01-02"], False),
        (["$1", "$2"], True),
        (["01.02.2024", "13.02.2024"], True),
        (["2024-01-01T00:00:00+02:00"], True),
    ],
)
def test_only_spellings_that_hashes_do_not_see_through_are_read_for_them(
    cells: list[str], *, expected: bool
) -> None:
    assert may_be_read(pl.Series("c", cells)) is expected


def test_several_units_are_named_and_one_is_not() -> None:
    assert several_units(pl.Series(["1 kg", "2 lb", "3 kg"])) is not None
    assert several_units(pl.Series(["1 kg", "2 kg"])) is None
    assert several_units(pl.Series(["1", "2 kg"])) is None


def test_a_date_that_can_be_read_two_ways_is_found_unless_another_decides() -> None:
    written = DateFormat(format="%m/%d/%Y")
    for cells, row in ((["01/01/2024", "02/03/2024"], 1), (["02/03/2024", "02/13/2024"], None)):
        column = pl.Series("c", cells)
        assert ambiguous_row(written, written.values(column), column) == row
