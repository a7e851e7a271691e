"""Features are found by name in any order, and what a header or a row lacks is named."""

from pathlib import Path

import numpy as np
import pytest

from service.errors import BadInputError
from service.tables.csv_features import open_features


def write(directory: Path, text: str) -> Path:
    path = directory / "new.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_features_come_in_the_models_order_a_block_at_a_time(tmp_path: Path) -> None:
    new = open_features(write(tmp_path, "\ufeffid, b ,a\nx,1,2\n\ny,3,4\nz,5,6\n"), ("a", "b"))
    assert new.extra_names == ("id",)
    first, last = new.blocks(2)
    np.testing.assert_array_equal(first, [[2, 1], [4, 3]])
    np.testing.assert_array_equal(last, [[6, 5]])


def test_a_single_feature_is_enough(tmp_path: Path) -> None:
    (block,) = open_features(write(tmp_path, "a\n1\n2\n"), ("a",)).blocks(10)
    np.testing.assert_array_equal(block, [[1], [2]])


def test_a_header_alone_has_no_blocks(tmp_path: Path) -> None:
    assert list(open_features(write(tmp_path, "a,b\n"), ("b",)).blocks(10)) == []


HEADERS = {
    "an empty file": ("", r"a table needs a header, the file is empty \(.*new\.csv\)"),
    "missing columns": ("b,x\n", r"2 of 3 features are missing: 'area', 'c' \(.*line 1\)"),
    "a slip": ("Area,b,c\n", r"1 of 3 features are missing: 'area'; is 'area' the column 'Area'\? \("),
    "other delimiters": ("area;b;c\n", "separated by commas, found one column, 'area;b;c'"),
    "two columns of one name": ("area,b,c,b\n", "columns 2 and 4 are both 'b'"),
    "a column without a name": (",area,b,c\n", "column 1 has none"),
}


@pytest.mark.parametrize(("text", "match"), HEADERS.values(), ids=HEADERS.keys())
def test_a_header_without_the_features_is_refused(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(BadInputError, match=match):
        open_features(write(tmp_path, text), ("area", "b", "c"))


def test_many_missing_columns_are_not_listed_endlessly(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"25 of 25 features are missing: .*'c19' and 5 more"):
        open_features(write(tmp_path, "x,y\n"), tuple(f"c{number}" for number in range(25)))


def test_a_ragged_row_is_refused_when_it_comes(tmp_path: Path) -> None:
    blocks = open_features(write(tmp_path, "a,b\n1,2\n3\n"), ("a",)).blocks(1)
    np.testing.assert_array_equal(next(blocks), [[1]])
    with pytest.raises(BadInputError, match=r"expected 2, found 1 \(.*line 3\)"):
        next(blocks)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"cannot be read: No such file or directory \(.*new\.csv\)"):
        open_features(tmp_path / "new.csv", ("a",))


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_bytes(b"a,b\n1,2\n\xff,3\n")
    with pytest.raises(BadInputError, match="line 3 is not UTF-8"):
        open_features(path, ("a",))
