"""Parquet files, and Arrow's own: Feather of version 2, and streams.

The sizes and counts that a Parquet file states of its pages are seen to before polars allocates by them.
polars takes a negative one for exabytes, and a failed allocation ends the whole process. Everything else
that is damaged is an error that polars itself raises.
"""

from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from service.errors import BadInputError
from service.tables.files.file_formats import FAILURES, FileFormat, damaged


def scan_arrow_file(path: Path, file_format: FileFormat) -> pl.LazyFrame:
    """Look into a file; its schema can be collected.

    Raises
    ------
    BadInputError
        The file is damaged.
    """
    if file_format is FileFormat.PARQUET:
        _refuse_cut_off_parquet(path)
        refuse_negative_pages(path)
    try:
        if file_format is FileFormat.PARQUET:
            frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        elif file_format is FileFormat.ARROW:
            frame = pl.scan_ipc(path, glob=False, hive_partitioning=False)
        else:
            frame = pl.read_ipc_stream(path).lazy()
        frame.collect_schema()
    except FAILURES as error:
        raise damaged(path, file_format, error) from None
    return frame


def _refuse_cut_off_parquet(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 8, 0))
        tail = file.read()
    if not tail.endswith(b"PAR1") or int.from_bytes(tail[:4], "little") + 12 > size:
        raise BadInputError(f"{path}: the Parquet file is cut off: its end is missing")


_HEADER_BYTES = (1 << 9, 1 << 16)
"""A page's header is shorter; most are much shorter."""

_SIZE, _COMPRESSED_SIZE = 2, 3
_PAGE_KINDS = frozenset({5, 7, 8})
"""Fields of a page's header: its sizes (bytes), and a data or dictionary page's header of its values."""

_DEEPEST = 16
_64_BITS = (1 << 64) - 1


def refuse_negative_pages(path: Path) -> None:
    """Refuse a file one of whose pages states a negative size or count.

    What cannot be followed is left to polars.

    Raises
    ------
    BadInputError
        There is such a page.
    """
    with path.open("rb") as file:
        try:
            for start, end in _chunks(file):
                _check_pages(file, start, end, path)
        except (IndexError, KeyError, TypeError, ValueError, OSError, RecursionError):
            return


def _chunks(file: BinaryIO) -> list[tuple[int, int]]:
    """Return where each column's pages begin and end, from the file's last bytes."""
    size = file.seek(0, 2)
    file.seek(size - 8)
    n_bytes = int.from_bytes(file.read(4), "little")
    file.seek(size - 8 - n_bytes)
    footer = _Compact(file.read(n_bytes)).struct()
    chunks = []
    for group in footer[4]:
        for column in group[1]:
            about = column[3]
            offsets = [about[9], about.get(11) or about[9]]
            start = min(offset for offset in offsets if offset > 0)
            chunks.append((start, min(start + about[7], size)))
    return chunks


def _check_pages(file: BinaryIO, start: int, end: int, path: Path) -> None:
    while start < end:
        fields, n_header = _page_header(file, start)
        counts = [fields[_SIZE], fields[_COMPRESSED_SIZE]]
        for kind in _PAGE_KINDS & fields.keys():
            counts += [count for count in fields[kind].values() if type(count) is int]
        if min(counts) < 0:
            raise BadInputError(
                f"{path}: the Parquet file is damaged: the page at byte {start} has a negative size or count"
            )
        start += n_header + fields[_COMPRESSED_SIZE]


def _page_header(file: BinaryIO, start: int) -> tuple[dict[int, Any], int]:
    """Return a page's header, and how long it is (bytes)."""
    short, long = _HEADER_BYTES
    for n_bytes in (short, long):
        file.seek(start)
        header = _Compact(file.read(n_bytes))
        try:
            return header.struct(), header.at
        except (IndexError, ValueError):  # it is longer
            continue
    raise ValueError(start)


class _Compact:
    """A reader of Thrift's compact protocol: structs as mappings from a field's number to its value."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at, self._depth = data, 0, 0

    def struct(self) -> dict[int, Any]:
        """Read a struct."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("too deep")
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) & 15:
            number = number + (head >> 4) if head >> 4 else self._signed()
            fields[number] = self._value(head & 15, is_field=True)
        self._depth -= 1
        return fields

    def _value(self, kind: int, *, is_field: bool) -> Any:  # noqa: ANN401, PLR0911 (of the kind the file says)
        match kind:
            case 1 | 2:
                return kind == 1 if is_field else self._byte() == 1
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._signed()
            case 7:
                return self._take(8)
            case 8:
                return self._take(self._unsigned())
            case 9 | 10:
                head = self._byte()
                n = head >> 4 if head >> 4 < 15 else self._unsigned()
                return [self._value(head & 15, is_field=False) for _ in range(n)]
            case 12:
                return self.struct()
            case _:
                raise ValueError(kind)

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _take(self, n: int) -> bytes:
        if self.at + n > len(self._data):
            raise ValueError(n)
        self.at += n
        return self._data[self.at - n : self.at]

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def _signed(self) -> int:
        value = self._unsigned() & _64_BITS
        return (value >> 1) ^ -(value & 1)
