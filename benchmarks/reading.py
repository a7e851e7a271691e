"""How long it takes to read a large table, and in how much memory, beside the readers that are installed.

    python -m benchmarks.reading [--rows 1000000] [--rounds 3]

The table has 30 mixed columns: numbers, counts, words, truth values, and one time. Every reader reads in a
process of its own, in turns, and the table is written in one: a process is told its parent's peak of memory
as its own. Shown are the medians, of the time on the clock and of the memory that reading
added at its peak. Readers of text leave cells as they are in the file; readers of types convert them.
"""

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from benchmarks.machine import processor, versions
from service.tables.files.raw_table import open_raw_batches, read_raw_table

N_ROWS_OF_A_PIECE = 8192
MIB = 2**20
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB on Linux


def _proctor(path: Path) -> object:
    return read_raw_table(path)


def _proctor_in_pieces(path: Path) -> object:
    return sum(piece.frame.height for piece in open_raw_batches(path, n_rows=N_ROWS_OF_A_PIECE).pieces())


def _polars_text(path: Path) -> object:
    return pl.read_csv(path, infer_schema=False)


def _polars(path: Path) -> object:
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)


def _pyarrow_text(path: Path) -> object:
    arrow, csv = _module("pyarrow"), _module("pyarrow.csv")
    names = pl.read_csv(path, n_rows=0).columns
    options = csv.ConvertOptions(column_types=dict.fromkeys(names, arrow.string()))
    return csv.read_csv(path, convert_options=options)


def _pyarrow(path: Path) -> object:
    if path.suffix == ".csv":
        return _module("pyarrow.csv").read_csv(path)
    return _module("pyarrow.parquet").read_table(path)


def _pandas(path: Path) -> object:
    pandas = _module("pandas")
    return pandas.read_csv(path, engine="pyarrow") if path.suffix == ".csv" else pandas.read_parquet(path)


def _duckdb(path: Path) -> object:
    duckdb = _module("duckdb")
    return (duckdb.read_csv if path.suffix == ".csv" else duckdb.read_parquet)(f"{path}").to_arrow_table()


def _module(name: str) -> Any:  # noqa: ANN401 - these readers need not be installed where types are checked
    return importlib.import_module(name)


Reader = tuple[Callable[[Path], object], tuple[str, ...], tuple[str, ...]]

READERS: dict[str, Reader] = {
    "Proctor, text": (_proctor, (".csv",), ()),
    "Proctor": (_proctor, (".parquet",), ()),
    "Proctor, in pieces": (_proctor_in_pieces, (".csv", ".parquet"), ()),
    "Polars, text, no checks": (_polars_text, (".csv",), ()),
    "Polars, types": (_polars, (".csv", ".parquet"), ()),
    "PyArrow, text": (_pyarrow_text, (".csv",), ("pyarrow",)),
    "PyArrow, types": (_pyarrow, (".csv", ".parquet"), ("pyarrow",)),
    "pandas, types": (_pandas, (".csv", ".parquet"), ("pandas", "pyarrow")),
    "DuckDB, types": (_duckdb, (".csv", ".parquet"), ("duckdb", "pyarrow")),
}
"""Each reader, the endings that it is measured with, and what has to be installed for it."""


def write_table(directory: Path, n_rows: int) -> None:
    """Write the table as CSV, as CSV whose words are quoted, and as Parquet."""
    generator = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for number in range(14):
        columns[f"number_{number}"] = generator.normal(size=n_rows).round(4)
    for number in range(6):
        columns[f"count_{number}"] = generator.integers(0, 1000, n_rows)
    for number in range(7):
        words = np.array([f"level {level}" for level in range(3 + 5 * number)])
        columns[f"word_{number}"] = words[generator.integers(0, len(words), n_rows)]
    for number in range(2):
        columns[f"truth_{number}"] = generator.random(n_rows) < 0.5
    seconds = generator.integers(0, 10**8, n_rows)
    columns["time"] = np.datetime64("2020-01-01T00:00:00", "us") + seconds.astype("timedelta64[s]")
    frame = pl.DataFrame(columns)
    frame.write_csv(directory / "table.csv")
    frame.write_csv(directory / "quoted.csv", quote_style="non_numeric")
    frame.write_parquet(directory / "table.parquet")


def measure_here(reader: str, path: Path) -> tuple[float, float]:
    """Read, and return the time (seconds) and what memory it added at its peak (bytes)."""
    read, _, needed = READERS[reader]
    for name in needed:
        _module(name)
    before = _peak()
    began = time.perf_counter()
    table = read(path)
    seconds = time.perf_counter() - began
    added = _peak() - before
    del table
    return seconds, added


def measure_apart(reader: str, path: Path) -> tuple[float, float]:
    """Do so in a process of its own."""
    seconds, added = json.loads(_run_apart("--reader", reader, "--at", f"{path}"))
    return seconds, added


def _run_apart(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.reading", *arguments]
    run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this very file
    return run.stdout


def compare(path: Path, n_rounds: int) -> None:
    """Print a line a reader."""
    readers = [
        name
        for name, (_, endings, needed) in READERS.items()
        if path.suffix in endings and all(map(find_spec, needed))
    ]
    rounds = [[measure_apart(name, path) for name in readers] for _ in range(n_rounds)]
    print(f"\n{path.name}, {path.stat().st_size / MIB:.0f} MiB\n")
    print("| reader | seconds | MiB at the peak |")
    print("|---|---:|---:|")
    for name, measured in zip(readers, zip(*rounds, strict=True), strict=True):
        seconds, added = (median(values) for values in zip(*measured, strict=True))
        print(f"| {name} | {seconds:.2f} | {added / MIB:.0f} |")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


def main() -> None:
    """Measure one reader, or compare all."""
    parser = argparse.ArgumentParser(
        description="How long it takes to read a large table, in how much memory."
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--at", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.reader is not None:
        print(json.dumps(measure_here(arguments.reader, arguments.at)))
    elif arguments.at is not None:
        write_table(arguments.at, arguments.rows)
    else:
        print(processor(), versions("polars", "pyarrow", "pandas", "duckdb", "numpy"))
        with tempfile.TemporaryDirectory() as directory:
            _run_apart("--at", directory, "--rows", f"{arguments.rows}")
            for name in ("table.csv", "quoted.csv", "table.parquet"):
                compare(Path(directory, name), arguments.rounds)


if __name__ == "__main__":
    main()
