"""A row's hash follows its values alone, and stays what it is for as long as ledgers are kept.

Scrambling loses nothing, orders do not depend on the rows' places, and a fingerprint names a set of rows.
"""

import io
import math
import struct
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import blake2b, sha256
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.seal.hashes import (
    fingerprint_of,
    hash_order,
    key_of,
    plain_text,
    row_hashes,
    scrambled,
    text_digests,
)
from tests.service.seal.drawn_tables import hashes_of

WORD = 1 << 64
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
rows = st.lists(
    st.tuples(st.one_of(st.none(), st.floats()), st.one_of(st.none(), texts), st.sampled_from([True, False])),
    min_size=1,
    max_size=12,
)
SCHEMA = {"width": pl.Float64, "name": pl.String, "is_new": pl.Boolean}


def hash_of(value: object, dtype: pl.DataType | type[pl.DataType] | None = None) -> tuple[int, ...]:
    """Return the hash of a row with one cell, in a column named a."""
    (found,) = row_hashes(pl.DataFrame([pl.Series("a", [value], dtype=dtype)])).tolist()
    return tuple(found)


def spelled_out(row: dict[str, float | str]) -> tuple[int, int]:
    """Return the hash of numbers and plain texts as the docstring defines it, in Python's own integers."""
    lanes = [0, 0]
    for name, value in row.items():
        digest = blake2b(name.encode(), digest_size=32, person=b"proctor column").digest()
        offset, factor = struct.unpack("<2Q", digest[:16])
        if isinstance(value, str):
            words = struct.unpack("<2Q", blake2b(value.encode(), digest_size=16, key=digest).digest())
        else:
            (z,) = struct.unpack("<Q", struct.pack("<d", value))
            z ^= offset
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
            z ^= z >> 31
            words = (z, z * factor % WORD)
        lanes = [(lane + word) % WORD for lane, word in zip(lanes, words, strict=True)]
    return lanes[0], lanes[1]


def test_the_hash_is_what_the_docstring_spells_out() -> None:
    row: dict[str, float | str] = {"width": 1.5, "height": -3.0, "name": "Ada", "far": math.inf}
    assert tuple(row_hashes(pl.DataFrame([row]))[0].tolist()) == spelled_out(row)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, "b8768c161c29bf669480ffdb6efcbf98"),
        ("Ada", "6e2e5a008fd0a486533d0a43529a06d4"),
        (None, "189887a6f1d1dbc8bfb658e2c23d8720"),
        (True, "de2e6c5d9ad83bfbcb045b374fe7aea1"),
        (datetime(2024, 2, 29, 13, 5, 0, 250_000), "649ea1626f303b73c553222deea48e39"),  # noqa: DTZ001 - tables have such times
    ],
)
def test_no_release_changes_a_hash_that_ledgers_remember(value: object, expected: str) -> None:
    assert "{:016x}{:016x}".format(*hash_of(value)) == expected


@pytest.mark.parametrize("text", ["1", "1.0", "01", "+1", " 1 ", "1e0", "1.", "\t1"])
def test_a_number_is_one_value_however_it_is_written(text: str) -> None:
    assert hash_of(text) == hash_of(1) == hash_of(1.0, pl.Float32) == hash_of(Decimal("1.00"))


@pytest.mark.parametrize("value", [None, math.nan, "", "  ", "NaN", "nan"])
def test_there_is_one_missing_value(value: object) -> None:
    assert hash_of(value) == hash_of(None, pl.Int64) == hash_of(None, pl.String) == hash_of(None, pl.Date)


@pytest.mark.parametrize(
    "values",
    [
        ["-0.0", "0", 0, -0.0],
        ["inf", math.inf, "1e999"],
        ["True", "true", "TRUE", True],
        ["false", "False", False],
        ["Ada", " Ada", "Ada "],
        ["2024-02-29", date(2024, 2, 29), datetime(2024, 2, 29), "2024-02-29 00:00:00"],  # noqa: DTZ001
        ["2024-02-29T13:05:00.25", "2024-02-29 13:05:00.250000", datetime(2024, 2, 29, 13, 5, 0, 250_000)],  # noqa: DTZ001
        ["2024-02-29 13:05:00+00:00", "2024-02-29T13:05:00Z", datetime(2024, 2, 29, 13, 5, tzinfo=UTC)],
        ["13:05:00", time(13, 5)],
    ],
)
def test_other_values_are_one_too_however_they_are_written(values: list[object]) -> None:
    assert len({hash_of(value) for value in values}) == 1


@pytest.mark.parametrize(
    "others",
    [
        ["Ada", "ada", "A da", "Tom", "tom"],  # of texts, "true" and "false" alone have no case
        [0, 1, "one", True, False, None, "1_000", "1,5", "0x10"],
        ["2024-02-29", "2024-02-29T13:05", "2024-02-29T13:05Z", "2024-03-01", "29.02.2024"],
        [1.0, np.nextafter(1.0, 2.0), -1.0, math.inf, -math.inf],
    ],
)
def test_what_differs_has_another_hash(others: list[object]) -> None:
    assert len({hash_of(value) for value in others}) == len(others)


def test_a_moment_is_the_same_in_every_zone_and_unit() -> None:
    berlin = pl.Series("a", [datetime(2024, 2, 29, 13, 5, tzinfo=UTC)]).dt.convert_time_zone("Europe/Berlin")
    assert hash_of("2024-02-29 13:05:00+00:00") == tuple(row_hashes(berlin.to_frame())[0].tolist())
    nanoseconds = berlin.dt.cast_time_unit("ns").to_frame()
    assert np.array_equal(row_hashes(nanoseconds), row_hashes(berlin.to_frame()))


@given(rows, st.permutations(list(SCHEMA)), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_does_not_matter(
    cells: list[tuple[object, ...]], names: list[str], random: Random
) -> None:
    frame = pl.DataFrame(cells, schema=SCHEMA, orient="row")
    order = list(range(len(cells)))
    random.shuffle(order)
    assert np.array_equal(row_hashes(frame.select(names)[order]), row_hashes(frame)[order])


@given(rows)
def test_a_row_alone_has_the_hash_that_it_has_among_others(cells: list[tuple[object, ...]]) -> None:
    """What the first cells of a column are decides how it is read, and must decide nothing else."""
    frame = pl.DataFrame(cells, schema=SCHEMA, orient="row").with_columns(pl.all().cast(pl.String))
    alone = np.concatenate([row_hashes(frame[[row]]) for row in range(len(cells))])
    assert np.array_equal(row_hashes(frame), alone)


@given(rows)
def test_a_table_written_as_csv_has_the_hashes_of_the_typed_table(cells: list[tuple[object, ...]]) -> None:
    frame = pl.DataFrame(cells, schema=SCHEMA, orient="row")
    written = io.BytesIO(frame.write_csv().encode())
    read = pl.read_csv(written, infer_schema=False)
    assert read.schema == dict.fromkeys(SCHEMA, pl.String)
    assert np.array_equal(row_hashes(read), row_hashes(frame))


def test_texts_after_the_first_numbers_are_told_apart_and_so_are_numbers_after_texts() -> None:
    cells = [*map(str, range(1_000)), *(f"level {level}" for level in range(1_000)), " 7 ", "", None]
    forward, backward = (row_hashes(pl.DataFrame({"a": order})) for order in (cells, cells[::-1]))
    assert np.array_equal(forward, backward[::-1])
    assert len(np.unique(forward, axis=0)) == 2_001  # " 7 " is 7, and the last two are missing
    assert tuple(forward[7].tolist()) == hash_of(7)


def test_columns_that_swap_their_names_make_another_row() -> None:
    assert not np.array_equal(
        row_hashes(pl.DataFrame({"a": [1.0], "b": [2.0]})), row_hashes(pl.DataFrame({"b": [1.0], "a": [2.0]}))
    )


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["x", "7", "y"])])
def test_categories_are_their_texts(dtype: pl.DataType) -> None:
    column = pl.Series("a", ["y", None, "7", "x", "y"])
    assert np.array_equal(row_hashes(column.cast(dtype).to_frame()), row_hashes(column.to_frame()))


def test_no_two_of_a_hundred_thousand_rows_of_small_whole_numbers_collide() -> None:
    grid = np.indices((10,) * 5).reshape(5, -1)
    hashes = row_hashes(pl.DataFrame({f"x{index}": axis for index, axis in enumerate(grid)}))
    for lane in hashes.T:
        assert len(np.unique(lane)) == 100_000


@pytest.mark.parametrize("frame", [pl.DataFrame({"a": []}), pl.DataFrame({"a": []}, {"a": pl.String})])
def test_a_table_without_rows_has_no_hashes(frame: pl.DataFrame) -> None:
    assert row_hashes(frame).shape == (0, 2)


def test_a_column_of_lists_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"texts, booleans or times, got List\(Int64\) in column 'a'"):
        row_hashes(pl.DataFrame({"a": [[1]]}))


def test_it_is_the_finalizer_of_splitmix64() -> None:
    """The first values of SplitMix64 with seed 0 are widely printed; its state advances by a fixed step."""
    step = 0x9E3779B97F4A7C15
    states = np.array([step, 2 * step % 2**64, 3 * step % 2**64], dtype=np.uint64)
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert scrambled(states, key=np.uint64(0)).tolist() == expected


@given(st.sets(st.integers(0, 2**64 - 1), min_size=2), st.integers(0, 2**64 - 1))
def test_no_two_words_become_one_and_the_given_ones_are_left_alone(words: set[int], key: int) -> None:
    given_words = np.array(sorted(words), dtype=np.uint64)
    assert len(np.unique(scrambled(given_words, key=np.uint64(key)))) == len(words)
    assert given_words.tolist() == sorted(words)


def test_keys_differ_by_purpose_and_seed_and_stay_what_they_are() -> None:
    keys = [
        key_of("split", 0),
        key_of("split", 1),
        key_of("folds", 0, 1),
        key_of("folds", 1, 0),
        key_of("split", 2**70),
    ]
    assert len(set(keys)) == 5
    assert key_of("split", 0) == 0x35B7E1ECFF03EEB4


WORDS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30)


@given(WORDS)
def test_the_second_word_decides_among_rows_that_share_the_first_and_equal_rows_stay_as_they_came(
    rows: list[tuple[int, int]],
) -> None:
    first, second = np.array(rows, dtype=np.uint64).reshape(-1, 2).T
    assert hash_order(first, second).tolist() == sorted(range(len(rows)), key=lambda row: rows[row])


HASHES = hashes_of(np.array([0, 1, 2, 2, 3, 4]))


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    assert fingerprint_of(HASHES[order]) == fingerprint_of(HASHES)


def test_a_row_more_or_less_or_once_instead_of_twice_makes_another_set() -> None:
    sets = [HASHES, HASHES[1:], HASHES[[0, 1, 2, 4, 5]], HASHES[[0, *range(6)]]]
    assert len({fingerprint_of(rows) for rows in sets}) == 4


def test_it_is_sha256_over_the_sorted_words() -> None:
    rows = [(7, 2**64 - 1), (7, 3), (1, 9)]
    expected = sha256(struct.pack("<6Q", 1, 9, 7, 3, 7, 2**64 - 1)).hexdigest()
    assert fingerprint_of(np.array(rows, dtype=np.uint64)) == expected


any_texts = st.text(st.characters(codec="utf-8"))


@given(st.lists(any_texts, min_size=1, max_size=5), st.binary(max_size=64))
def test_a_digest_is_blake2b_of_the_plain_text_under_the_key(given_texts: list[str], key: bytes) -> None:
    expected = [
        struct.unpack("<2Q", blake2b(plain_text(text).encode(), digest_size=16, key=key).digest())
        for text in given_texts
    ]
    assert list(map(tuple, text_digests(given_texts, key=key).tolist())) == expected


def test_no_texts_have_no_digests() -> None:
    assert text_digests([], key=b"").shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("FALSE", "false"),
        ("Truth", "Truth"),
        ("2024-02-29 13:05", "2024-02-29T13:05:00"),
        ("2024-02-29T13:05:07.120000", "2024-02-29T13:05:07.12"),
        ("2024-02-29 13:05:07.000000", "2024-02-29T13:05:07"),
        ("2024-02-29 00:00:00.000", "2024-02-29"),
        ("2024-02-29 00:00:00+00:00", "2024-02-29T00:00:00Z"),
        ("2024-02-29 13:05:07+0000", "2024-02-29T13:05:07Z"),
        ("2024-02-29 13:05:07+01:00", "2024-02-29 13:05:07+01:00"),
        ("2024-02-29 at noon", "2024-02-29 at noon"),
        ("", ""),
    ],
)
def test_the_plain_form_is_one_spelling_of_a_value(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@given(any_texts)
def test_the_plain_form_of_a_plain_form_is_itself(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)
