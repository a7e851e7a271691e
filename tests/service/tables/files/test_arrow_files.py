"""A Parquet file whose page headers are damaged is refused; it does not end the process."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from service.errors import BadInputError
from service.tables.files.arrow_files import refuse_negative_pages
from service.tables.files.file_formats import FileFormat
from service.tables.files.typed_files import open_typed_file

READING = """
import sys
from pathlib import Path
from service.tables.files.file_formats import FileFormat
from service.tables.files.typed_files import open_typed_file

file = Path(sys.argv[1])
good = file.read_bytes()
for place in range(4, 60):
    for flipped in (1, 0x80, 0xFF ^ good[place]):
        bad = bytearray(good)
        bad[place] ^= flipped
        file.write_bytes(bad)
        try:
            open_typed_file(file, FileFormat.PARQUET).frame.collect()
        except BaseException:  # panics of polars too
            pass
print("survived")
"""


@pytest.fixture(params=["uncompressed", "zstd"])
def good(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a sound file of several row groups, with numbers, texts and missing cells."""
    path = tmp_path / "good.parquet"
    rows = {
        "a": [n / 7 for n in range(300)],
        "b": [f"text {n}" for n in range(300)],
        "c": [None, 1.5, 2.5] * 100,
    }
    pl.DataFrame(rows).write_parquet(path, compression=request.param)
    return path


def test_a_sound_file_is_taken(good: Path) -> None:
    refuse_negative_pages(good)
    assert open_typed_file(good, FileFormat.PARQUET).frame.collect().height == 300


def test_no_byte_of_a_page_header_ends_the_process(good: Path) -> None:
    command = [sys.executable, "-c", READING, str(good)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stdout) == (0, "survived\n"), ran.stderr[:500]


def test_a_negative_count_is_told_with_its_place(good: Path) -> None:
    content = bytearray(good.read_bytes())
    for place in range(4, 60):
        bad = bytearray(content)
        bad[place] ^= 1  # the sign of a number that takes one byte, where that is one
        good.write_bytes(bad)
        try:
            refuse_negative_pages(good)
        except BadInputError as error:
            assert "the page at byte 4 has a negative size or count" in str(error)  # noqa: PT017
            return
    pytest.fail("no flipped sign was seen")
