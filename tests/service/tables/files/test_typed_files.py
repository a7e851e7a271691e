"""JSON lines and arrays of objects are tables; no key is lost, and anything else is refused in one line."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.errors import BadInputError
from service.tables.files import raw_table
from service.tables.files.raw_table import open_raw_batches, read_raw_table

OBJECTS: list[dict[str, object]] = [{"n": 1, "word": "x"}, {"n": 2.5}, {"word": None, "yes": True, "n": 3}]


def lines(objects: list[dict[str, object]]) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in objects).encode()


@pytest.mark.parametrize(
    "data",
    [
        lines(OBJECTS),
        gzip.compress(lines(OBJECTS)),
        b"\n" + lines(OBJECTS)[:-1],
        json.dumps(OBJECTS, indent=1).encode(),
    ],
    ids=["lines", "gzip", "blank lines", "an array"],
)
def test_objects_are_rows_of_their_own_types(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    table = read_raw_table(path)
    assert dict(table.frame.schema) == {"n": pl.Float64, "word": pl.String, "yes": pl.Boolean}
    assert table.frame.select("n", "word", "yes").rows() == [
        (1, "x", None),
        (2.5, None, None),
        (3, None, True),
    ]
    assert table.place(1, "n") == f"{path}: row 2, column 'n'"
    pieces = list(open_raw_batches(path, n_rows=2).pieces(["yes", "n"]))
    assert [piece.frame.height for piece in pieces] == [2, 1]
    assert pieces[1].frame.rows() == [(True, 3)]


@pytest.mark.parametrize("is_array", [False, True])
def test_a_key_and_a_type_that_come_late_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_array: bool
) -> None:
    monkeypatch.setattr(raw_table, "CELLS_AT_ONCE", 100)
    objects: list[dict[str, object]] = [{"n": number} for number in range(3000)]
    objects += [{"n": "word", "late": 1}, {"n": 0.5}]
    path = tmp_path / "table.jsonl"
    path.write_bytes(json.dumps(objects).encode() if is_array else lines(objects))
    frame = read_raw_table(path).frame
    assert frame.rows()[-3:] == [("2999", None), ("word", 1), ("0.5", None)]
    pieces = open_raw_batches(path, n_rows=64).pieces()
    assert pl.concat([piece.frame for piece in pieces]).equals(frame)


REFUSED = {
    "nested objects": (b'{"a":1,"b":{"c":1}}\n', r"got structs in column 'b'$"),
    "lists": (b'[{"a":[1]}]', r"got lists in column 'a'$"),
    "a line that is none": (
        b'{"a":1}\n{"a":\n',
        r"expected one JSON object per line, and could not read it: ",
    ),
    "an object over several lines": (
        b'{\n "a":1}\n',
        r"expected one JSON object per line, and could not read it: ",
    ),
    "a number": (b'{"a":1}\n5\n', r"expected one JSON object per line, .*found|contain JSON object"),
    "values of no common type": (b'{"a":1}\n{"a":[1]}\n', r"expected one JSON object per line, "),
    "an array cut off": (b'[{"a":1},{"a"', r"expected one JSON array of objects, and could not read it: "),
    "no NaN": (b'[{"a":1},{"a":NaN}]', r"expected one JSON array of objects, and could not read it: "),
    "objects without keys": (b"{}\n{}\n", r"expected at least one column, got none$"),
}


@pytest.mark.parametrize(("data", "match"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_table_is_refused_in_one_line(tmp_path: Path, data: bytes, match: str) -> None:
    path = tmp_path / "table.jsonl"
    path.write_bytes(data)
    with pytest.raises(BadInputError, match=match) as caught:
        read_raw_table(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["[a],[b]\n1,2\n", "{a},{b}\n1,2\n"])
def test_columns_in_brackets_are_columns(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert read_raw_table(path).frame.rows() == [("1", "2")]


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(
        st.fixed_dictionaries(
            {"number": st.integers(0, 2**53)},
            optional={"x": st.floats(allow_nan=False, allow_infinity=False), "word": st.text(max_size=5)},
        ),
        min_size=1,
        max_size=8,
    ),
    is_array=st.booleans(),
)
def test_values_come_back(tmp_path: Path, *, values: list[dict[str, object]], is_array: bool) -> None:
    path = tmp_path / "table.json"
    path.write_bytes(json.dumps(values).encode() if is_array else lines(values))
    frame = read_raw_table(path).frame
    assert set(frame.columns) == {key for row in values for key in row}
    assert [
        {key: value for key, value in row.items() if value is not None} for row in frame.to_dicts()
    ] == values
