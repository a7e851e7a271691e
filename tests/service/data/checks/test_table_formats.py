"""`proctor data` understands one table however it is written, and says how."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner

from service.cli import proctor

N_ROWS = 60
FRAME = pl.DataFrame(
    {
        "size": [(7 * row) % 31 + 0.5 for row in range(N_ROWS)],
        "city": [["Ulm", "Bonn", "Kiel"][row % 3] for row in range(N_ROWS)],
        "price": [(13 * row) % 47 + 0.25 for row in range(N_ROWS)],
    }
)
LINES = [line.split(",") for line in FRAME.write_csv().splitlines()]


def write_sheets(path: Path) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("notes").write(0, 0, "nothing here")
        FRAME.write_excel(workbook, "prices", position=(2, 1))


WAYS: dict[str, tuple[Callable[[Path], object], dict[str, object]]] = {
    "sep=;": (
        lambda path: path.write_text("sep=;\n" + FRAME.write_csv(separator=";")),
        {"delimiter": ";", "skipped_lines": 1},
    ),
    "comments and a title": (
        lambda path: path.write_text("# by hand\nPrices of 2024\n\n" + FRAME.write_csv()),
        {"skipped_lines": 2},
    ),
    "an index without a name": (lambda path: FRAME.with_row_index("").write_csv(path), {"skipped_lines": 0}),
    "aligned columns": (
        lambda path: path.write_text("".join(f"{a:>8} {b:<8} {c:>6}\n" for a, b, c in LINES)),
        {"delimiter": " "},
    ),
    "JSON lines": (FRAME.write_ndjson, {"delimiter": None}),
    "JSON": (FRAME.write_json, {"delimiter": None}),
    "a workbook": (write_sheets, {"sheet": "prices", "delimiter": None}),
}


@pytest.mark.parametrize(("write", "facts"), WAYS.values(), ids=WAYS.keys())
def test_one_table_is_understood_in_every_way_it_is_written(
    tmp_path: Path, write: Callable[[Path], object], facts: dict[str, object]
) -> None:
    path = tmp_path / "table"
    write(path)
    flags = ["--sheet", str(facts["sheet"])] if "sheet" in facts else []
    arguments = ["data", str(path), "--target", "price", "--json", *flags]
    result = CliRunner().invoke(proctor, arguments, catch_exceptions=False)
    check = json.loads(result.stdout)
    assert check["files"][0]["n_examples"] == N_ROWS
    assert facts.items() <= check["files"][0].items()
    kinds = {column["name"]: column["kind"] for column in check["columns"]}
    assert kinds.pop("unnamed", "id") == "id"
    assert kinds == {"size": "numeric", "city": "categorical"}
    assert check["n_examples"] == {"train": 36, "dev": 12, "test": 12}


def test_the_screen_says_what_was_skipped_and_which_sheet_was_read(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("# by hand\nsep of 2024\n" + FRAME.write_csv())
    shown = CliRunner().invoke(proctor, ["data", str(path), "--target", "price"], catch_exceptions=False)
    assert "(2 lines before the header skipped)" in " ".join(shown.stdout.split())
    write_sheets(path)
    arguments = ["data", str(path), "--target", "price", "--sheet", "prices"]
    shown = CliRunner().invoke(proctor, arguments, catch_exceptions=False)
    assert "(sheet prices)" in " ".join(shown.stdout.split())


def test_times_and_durations_of_parquet_are_dates_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    seconds = pl.Series([(977 * row) % 86_400 for row in range(N_ROWS)])
    FRAME.with_columns(
        (seconds.cast(pl.Int64) * 10**9).cast(pl.Time).alias("at"),
        (seconds * 1000).cast(pl.Duration("ms")).alias("took"),
    ).write_parquet(path)
    arguments = ["data", str(path), "--target", "price", "--json"]
    check = json.loads(CliRunner().invoke(proctor, arguments, catch_exceptions=False).stdout)
    kinds = {column["name"]: column["kind"] for column in check["columns"]}
    assert kinds == {"size": "numeric", "city": "categorical", "at": "date", "took": "numeric"}
