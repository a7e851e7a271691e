"""A number for each row by its values, the same in any order and in any release; a name for a set of rows.

Scrambling of 64-bit words, by which hashes and keyed orders are made, is written out in NumPy. No library's
own hash is used: hashes stand in databases, and have to come out alike on every machine and in every
version of every library.
"""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def scramble(words: NDArray[np.uint64], scratch: NDArray[np.uint64]) -> None:
    """Replace each word by a scrambled one, in place; no two words become one.

    The finalizer of SplitMix64: z ← (z ⊕ z≫30)·a; z ← (z ⊕ z≫27)·b; z ← z ⊕ z≫31, modulo 2⁶⁴.

    Parameters
    ----------
    words
        Contiguous, shape (n,).
    scratch
        Room for as many words; its contents are lost.

    References
    ----------
    Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, section 5, and Stafford's
    thirteenth variant of the constants.
    """
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        np.right_shift(words, np.uint64(shift), out=scratch)
        np.bitwise_xor(words, scratch, out=words)
        np.multiply(words, factor, out=words)
    np.right_shift(words, np.uint64(31), out=scratch)
    np.bitwise_xor(words, scratch, out=words)


def scrambled(words: NDArray[np.uint64], *, key: np.uint64) -> NDArray[np.uint64]:
    """Return the words scrambled under a key, shape (n,); each key gives another order of the words."""
    result = words ^ key
    scramble(result, np.empty_like(result))
    return result


def key_of(*parts: object) -> np.uint64:
    """Return a 64-bit key for a purpose: the words of `parts` decide it, such as "split" and a seed."""
    digest = blake2b(repr(tuple(map(str, parts))).encode(), digest_size=8, person=b"proctor key")
    return np.uint64(int.from_bytes(digest.digest(), "little"))


def hash_order(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the rows in ascending order of their two words, shape (n_rows,); equal ones as they came.

    One word is sorted, which is several times as fast as two, and as if no rows shared it, which is several
    times as fast again. Rows that share it are nearly always equal, and then a stable sort is enough; where
    they are not, both words are sorted after all.

    Parameters
    ----------
    first, second
        Each row's words, shape (n_rows,).
    """
    order = np.argsort(first)
    words = first[order]
    is_shared = words[1:] == words[:-1]
    if not is_shared.any():
        return order
    order = np.argsort(first, kind="stable")
    others = second[order]
    if np.any(is_shared & (others[1:] < others[:-1])):
        return np.lexsort((second, first))
    return order


_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]00:?00)?")


def text_digests(texts: Iterable[str], *, key: bytes) -> NDArray[np.uint64]:
    """Return BLAKE2b digests of texts in their plain form (see `plain_text`), shape (n_texts, 2).

    Parameters
    ----------
    texts
        Best each of them once: this is a loop in Python.
    key
        Up to 64 bytes; another key gives digests that have nothing to do with these.
    """
    start = blake2b(digest_size=16, key=key)
    digests = bytearray()
    for text in texts:
        digest = start.copy()
        digest.update(plain_text(text).encode())
        digests += digest.digest()
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64).reshape(-1, 2)


def plain_text(text: str) -> str:
    """Return the one spelling of what several texts mean; `text` has no spaces at its ends.

    `True` and `TRUE` are "true", and likewise "false". A date with a time of day has a T between them, its
    seconds, no zeros at its fraction's end, and Z for UTC; midnight is the date alone, as dates are often
    stored with a time that means nothing. All other texts are what they are.
    """
    if text[:1] in "tTfF":
        lower = text.lower()
        return lower if lower in {"true", "false"} else text
    instant = _INSTANT.fullmatch(text) if text[4:5] == "-" else None
    if instant is None:
        return text
    date, minutes, seconds, fraction, zone = instant.groups(default="")
    fraction = fraction.rstrip("0")
    clock = f"{minutes}:{seconds or '00'}" + (fraction and f".{fraction}") + (zone and "Z")
    return date if clock == "00:00:00" else f"{date}T{clock}"


_MISSING = np.float64(np.nan).view(np.uint64)
"""What a missing cell counts as: one of the many bit patterns of NaN."""

_ROWS_AT_ONCE = 1 << 15
"""Rows whose words fit the processor's cache while they are scrambled."""

_CELLS_TO_PROBE = 256

_MAX_THREADS = 8
"""Each has sums of its own: 16 bytes a row."""


@dataclass(frozen=True, slots=True)
class _ColumnKey:
    """What a column's name does to its cells' words."""

    offset: np.uint64
    factor: np.uint64
    digest: bytes

    @classmethod
    def of(cls, name: str) -> Self:
        digest = blake2b(name.encode(), digest_size=32, person=b"proctor column").digest()
        offset, factor = np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)
        return cls(offset, factor, digest)


def row_hashes(frame: pl.DataFrame) -> NDArray[np.uint64]:
    """Return 128 bits for each row, shape (n_rows, 2): equal rows share them, others do not (but by chance).

    A cell x of the column named c gives two words; a row's hash is their sums over its columns, modulo 2⁶⁴:

    - a number: m = scramble(bits(x) ⊕ offset_c), and factor_c · m; bits are those of x as a float64, and
      offset and factor come from the name's BLAKE2b digest
    - a text: the two halves of its BLAKE2b digest, the key being the name's digest

    What counts is the value. A text that writes a decimal number counts as that number, so that "1", "01",
    "1.0" and " 1e0" in a CSV file and 1 or 1.0 in a Parquet file are one, and so are -0.0 and 0.0. Null, NaN
    and a text of spaces alone are one missing value. Spaces at a text's ends do not count. Booleans and times
    are the texts that write them: "true", "false", and ISO 8601 (`plain_text` tells more).

    Whole numbers beyond 2⁵³ are rounded to float64, and equal where they then agree.

    Parameters
    ----------
    frame
        Columns of numbers, texts, booleans or times, each of them part of what makes rows equal.

    Raises
    ------
    ValueError
        A column holds something else, such as lists.
    """
    columns = frame.get_columns()
    n_threads = min(pl.thread_pool_size(), _MAX_THREADS)
    with ThreadPoolExecutor(n_threads) as threads:  # the sums are the same in any order
        sums = threads.map(
            lambda first: _sums(columns[first::n_threads], n_rows=frame.height), range(n_threads)
        )
        lanes = np.sum(list(sums), axis=0, dtype=np.uint64)
    return np.ascontiguousarray(lanes.T)


def _sums(columns: Sequence[pl.Series], *, n_rows: int) -> NDArray[np.uint64]:
    lanes = np.zeros((2, n_rows), dtype=np.uint64)
    for column in columns:
        key = _ColumnKey.of(column.name)
        if column.dtype.is_float() or column.dtype.is_integer() or column.dtype == pl.Null:
            _add_numbers(lanes, column, key)
        elif column.dtype == pl.String and _some_are_numbers(column.head(_CELLS_TO_PROBE)):
            _add_written_numbers(lanes, column, key)
        else:
            _add_words_of_distinct(lanes, column, key)
    return lanes


def _some_are_numbers(texts: pl.Series) -> bool:
    return texts.cast(pl.Float64, strict=False).is_not_null().any()


def _add_numbers(lanes: NDArray[np.uint64], numbers: pl.Series, key: _ColumnKey) -> None:
    """Add the words of a numeric column, some rows at a time."""
    values = numbers.cast(pl.Float64).to_numpy()  # a missing value is NaN now
    words, scratch = np.empty((2, _ROWS_AT_ONCE), dtype=np.uint64)
    for start in range(0, len(values), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        n_rows = len(values[block])
        word, spare = words[:n_rows], scratch[:n_rows]
        np.add(values[block], 0.0, out=word.view(np.float64))  # -0.0 becomes 0.0
        np.copyto(word, _MISSING, where=np.isnan(values[block]))
        np.bitwise_xor(word, key.offset, out=word)
        scramble(word, spare)
        np.add(lanes[0, block], word, out=lanes[0, block])
        np.multiply(word, key.factor, out=word)
        np.add(lanes[1, block], word, out=lanes[1, block])


def _add_written_numbers(lanes: NDArray[np.uint64], texts: pl.Series, key: _ColumnKey) -> None:
    """Add the words of texts most of which write numbers; the others are looked at one by one."""
    numbers = texts.cast(pl.Float64, strict=False)
    _add_numbers(lanes, numbers, key)
    others = np.flatnonzero((numbers.is_null() & texts.is_not_null()).to_numpy())
    if others.size:
        missing = np.zeros((2, 1), dtype=np.uint64)
        _add_numbers(missing, pl.Series([None]), key)  # what `_add_numbers` took them for
        words = np.zeros((2, len(others)), dtype=np.uint64)
        _add_words_of_distinct(words, texts.gather(others), key)
        lanes[:, others] += words - missing


def _add_words_of_distinct(lanes: NDArray[np.uint64], column: pl.Series, key: _ColumnKey) -> None:
    """Add the words of a column's cells, of which each distinct one is read once."""
    codes = _codes(column)
    row_of_code = np.zeros(int(codes.max()) + 1 if len(codes) else 0, dtype=np.intp)
    row_of_code[codes] = np.arange(len(codes))
    words = _words_of_texts(_texts(column.gather(row_of_code)), key)
    for start in range(0, len(codes), _ROWS_AT_ONCE):
        block = slice(start, start + _ROWS_AT_ONCE)
        lanes[:, block] += np.take(words, codes[block], axis=1)


def _codes(column: pl.Series) -> NDArray[np.unsignedinteger]:
    """Return small whole numbers that equal cells share, 0 for a missing one, shape (n_rows,)."""
    dtype = column.dtype
    if dtype == pl.String:
        codes = column.cast(pl.Categorical(pl.Categories.random())).to_physical()
    elif isinstance(dtype, pl.Categorical | pl.Enum):
        codes = column.to_physical()
    elif dtype == pl.Boolean:
        codes = column.cast(pl.Int8)
    elif dtype.is_temporal() or dtype.is_decimal():
        codes = column.rank("dense")
    else:
        raise ValueError(f"expected numbers, texts, booleans or times, got {dtype} in column {column.name!r}")
    return (codes.cast(pl.UInt32) + 1).fill_null(0).to_numpy()


def _texts(column: pl.Series) -> pl.Series:
    if column.dtype.is_temporal():
        if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
            column = column.dt.convert_time_zone("UTC")
        return column.dt.to_string("iso")
    return column.cast(pl.String).str.strip_chars()


def _words_of_texts(texts: pl.Series, key: _ColumnKey) -> NDArray[np.uint64]:
    numbers = texts.cast(pl.Float64, strict=False)
    words = np.zeros((2, len(texts)), dtype=np.uint64)
    _add_numbers(words, numbers, key)
    is_text = numbers.is_null() & (texts != "")  # null where the text is: then it is missing
    others = np.flatnonzero(is_text.fill_null(value=False).to_numpy())
    words[:, others] = text_digests(texts.gather(others).to_list(), key=key.digest).T
    return words


def fingerprint_of(hashes: NDArray[np.uint64]) -> str:
    """Return 64 hexadecimal digits that equal sets of rows share, and others do not.

    SHA-256 over the rows' hashes, sorted by their first and then their second word, each word in eight bytes
    of which the least comes first. A row that is there twice counts twice.

    It recognizes the same test set when it comes again; it is no lock. Dropping a column or rounding a value
    makes another set of it.

    Parameters
    ----------
    hashes
        What `row_hashes` returns, shape (n_rows, 2).
    """
    in_order = hashes[hash_order(hashes[:, 0], hashes[:, 1])]
    return sha256(in_order.astype("<u8").tobytes()).hexdigest()
