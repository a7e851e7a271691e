"""What is told of a table is so, however it is written, and each warning comes where it is due."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from numpy.typing import NDArray

from service.cli import proctor
from service.configuration.study_file import study_from_flags
from service.data.checks.data_check import DataCheck, FileFacts, FileRole, check_data
from service.errors import BadInputError
from tests.service.raw_space import with_raw_inputs

N = 3000
Check = Callable[..., DataCheck]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return what checks a table of these columns beside two of noise and a target that they decide."""

    def check(
        columns: Mapping[str, Any] | None = None,
        *,
        n: int = N,
        y: Sequence[object] | NDArray[Any] | None = None,
        **flags: object,
    ) -> DataCheck:
        rng = np.random.default_rng(5)
        noise = {name: rng.normal(size=n) for name in ("u", "v", "w")}
        decided = np.where(noise["u"] + noise["v"] + rng.normal(size=n) > 0, "yes", "no")
        frame = pl.DataFrame({**noise, **(columns or {}), "y": decided if y is None else y})
        frame.write_csv(tmp_path / "table.csv")
        overrides = {"data.table": str(tmp_path / "table.csv"), "data.target": "y", **flags}
        return check_data(study_from_flags(overrides)[0])

    return check


def check_raw(columns: Mapping[str, Any], path: Path) -> DataCheck:
    """Check a table of these columns and a target for a model that reads raw columns."""
    pl.DataFrame({**columns, "y": ["no", "yes"] * (N // 2)}).write_csv(path)
    overrides = {"data.table": str(path), "data.target": "y"}
    return check_data(with_raw_inputs(study_from_flags(overrides)[0]))


def about(check: DataCheck) -> list[tuple[str, str | None]]:
    return [(warning.about, warning.column) for warning in check.warnings]


def test_columns_sets_and_classes_are_told(check: Check) -> None:
    some = [None if row % 10 == 0 else ["red", "green"][row % 2] for row in range(N)]
    found = check({"color": some}, **{"columns.w": "id"})
    assert found.n_examples == {"train": 1800, "dev": 600, "test": 600}
    assert set(found.class_counts) == {"no", "yes"}
    assert sum(found.class_counts.values()) == 2400
    color = found.columns[3]
    assert (color.name, color.kind, color.is_said, color.is_learned_from) == (
        "color",
        "categorical",
        False,
        True,
    )
    assert color.distinct == 2
    assert 180 < color.missing < 300
    assert set(color.values) == {"red", "green"}
    w = found.columns[2]
    assert (w.kind, w.is_said, w.is_learned_from, w.distinct) == ("id", True, False, 2400)
    assert about(found) == []


def test_a_regressions_target_is_told(check: Check) -> None:
    y = np.exp(np.random.default_rng(0).normal(size=N) * 1.5)
    found = check(y=y)
    assert found.numbers is not None
    assert found.numbers.low < 0.1
    assert 0.8 < found.numbers.median < 1.2 < found.numbers.high
    assert found.numbers.has_logarithm
    assert found.numbers.skewness > 3
    assert not found.class_counts


WARNINGS: dict[str, tuple[Mapping[str, Any], tuple[str, str]]] = {
    "a text in every row": ({"c": [f"name {row}" for row in range(N)]}, ("id", "c")),
    "the row's number": ({"c": range(N)}, ("id", "c")),
    "one value": ({"c": ["same"] * N}, ("constant", "c")),
    "no value": ({"c": [None] * N}, ("constant", "c")),
    "a heavy tail": ({"c": [*np.linspace(0, 1, N - 200), *[1e6] * 200]}, ("heavy tail", "c")),
    "many categories": ({"c": [f"word {row % (N // 2)}" for row in range(N)]}, ("categories", "c")),
    "a date": ({"c": [f"2024-01-{1 + row % 28:02}" for row in range(N)]}, ("date", "c")),
    "a name of ids": ({"shop_id": [row * 37 % 100 for row in range(N)]}, ("group", "shop_id")),
}


@pytest.mark.parametrize(("columns", "warning"), WARNINGS.values(), ids=WARNINGS.keys())
def test_a_column_to_see_to_is_named(
    check: Check, columns: Mapping[str, Any], warning: tuple[str, str]
) -> None:
    assert warning in about(check(columns))


def test_of_raw_columns_nothing_is_told_that_scaling_alone_would_mind(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    columns = {
        "tail": [*rng.normal(size=N - 200), *[1e6] * 200],
        "word": [f"word {row % 301}" for row in range(N)],
        "gaps": [None if row % 3 else row % 7 for row in range(N)],
        "same": ["same"] * N,
    }
    found = check_raw(columns, tmp_path / "table.csv")
    assert {name for name, _ in about(found)}.isdisjoint({"heavy tail", "categories"})
    assert ("constant", "same") in about(found)
    assert [column.n_inputs for column in found.columns] == [1, 3, 1, 0]  # codes, mean and log-frequency


QUIET: dict[str, Mapping[str, Any]] = {
    "numbers": {"c": np.linspace(0, 1, N) ** 2},
    "numbers with a moderate tail": {"c": [*np.linspace(0, 1, N - 200), *[40.0] * 200]},
    "a text in nearly every row twice": {"c": ["a", "b", "c"] * (N // 3)},
    "one value with gaps": {"c": [None, "same"] * (N // 2)},
    "few categories": {"c": [f"word {row % 20}" for row in range(N)]},
    "whole numbers": {"rooms": [row % 7 for row in range(N)]},
}


@pytest.mark.parametrize("columns", QUIET.values(), ids=QUIET.keys())
def test_a_column_as_any_other_is_not_warned_of(check: Check, columns: Mapping[str, Any]) -> None:
    assert about(check(columns)) == []


@pytest.mark.parametrize("kind", ["number", "word"])
def test_a_column_that_tells_the_class_by_itself_is_named(check: Check, kind: str) -> None:
    rng = np.random.default_rng(5)
    u, v = rng.normal(size=N), rng.normal(size=N)
    rng.normal(size=N)
    is_yes = u + v + rng.normal(size=N) > 0
    told = (
        np.where(is_yes, 3.5, 1.5) + rng.normal(size=N) / 10
        if kind == "number"
        else np.where(is_yes, "p", "q")
    )
    warnings = {warning.column: warning for warning in check({"told": told}).warnings}
    assert warnings["told"].about == "leak"
    assert warnings["told"].sentence == "predicts the target by itself: 100.0 % of rows right"
    assert warnings["told"].remedy.endswith('[columns] told = "ignore"')
    nearly = np.where(rng.random(N) < 0.03, ~is_yes, is_yes)
    assert about(check({"told": np.where(nearly, "p", "q")})) == []


def test_a_column_that_tells_the_number_by_itself_is_named(check: Check) -> None:
    y = np.random.default_rng(0).normal(size=N)
    assert about(check({"told": 3 - y}, y=y)) == [("leak", "told")]
    assert about(check({"told": 3 - y + np.random.default_rng(1).normal(size=N) / 5}, y=y)) == []


def test_a_rare_class_is_named(check: Check) -> None:
    y = ["often"] * (N // 2 - 20) + ["also"] * (N // 2) + ["seldom"] * 20
    (warning,) = check(y=y).warnings
    assert (warning.about, warning.sentence) == ("rare class", "class 'seldom' has 16 known examples")


def test_dev_examples_like_train_examples_are_counted(check: Check) -> None:
    base = np.random.default_rng(2).normal(size=N // 2)
    columns = {name: np.repeat(base * factor, 2) for name, factor in (("u", 1), ("v", 2), ("w", 3))}
    varied = {**columns, "x": np.random.default_rng(3).normal(size=N)}
    (warning,) = check(varied).warnings
    assert warning.about == "duplicates"
    n_near = int(warning.sentence.split()[0])
    assert 300 < n_near < 520  # of 600, the other halves of three pairs in four are train examples


def test_a_small_dev_set_is_told_with_its_interval_and_folds_offered(check: Check) -> None:
    (warning,) = check(n=500).warnings
    assert warning.about == "few dev examples"
    assert "with 100 dev examples, an error of 10 % is known to ± 5.9 %" in warning.sentence
    assert warning.remedy == "--folds 5 evaluates each trial on all 400 known examples, in turn"
    assert about(check(n=500, **{"split.folds": 5})) == []


def test_it_is_the_same_whatever_the_test_sets_cells_hold(check: Check, tmp_path: Path) -> None:
    found = []
    for cells in ("0.5,1,2,yes", "x,,1e300,no"):
        (tmp_path / "test.csv").write_text("u,v,w,y\n" + f"{cells}\n" * 40)
        found.append(check(**{"data.test_table": str(tmp_path / "test.csv")}))
    assert found[0] == found[1]
    assert found[0].n_examples["test"] == 40


def test_what_cannot_be_read_is_refused(check: Check) -> None:
    with pytest.raises(BadInputError, match=r"'c': the column is numeric: expected a number, got '1x'"):
        check({"c": [*map(str, np.linspace(0, 1, N - 400)), *["1x"] * 5, *["0.5"] * 395]})


def frame(n: int, seed: int) -> pl.DataFrame:
    x = np.random.default_rng(seed).normal(size=n)
    return pl.DataFrame({"x": x, "y": np.where(x > 0, "yes", "no")})


def test_three_files_are_told_apart(tmp_path: Path) -> None:
    table, dev, test = (tmp_path / name for name in ("table.csv", "dev.parquet", "test.csv"))
    frame(300, 0).with_columns(pl.when(pl.col("x") < 2).then(pl.col("y")).alias("y")).write_csv(table)
    n_left_out = int((frame(300, 0)["x"] >= 2).sum())
    frame(50, 1).write_parquet(dev)
    text = frame(40, 2).with_columns(pl.col("x").cast(pl.String).str.replace(".", ",", literal=True))
    test.write_text(text.write_csv(separator=";"), encoding="utf-8")
    check = check_data(
        study_from_flags(
            {
                "data.table": str(table),
                "data.dev_table": str(dev),
                "data.test_table": str(test),
                "data.target": "y",
            }
        )[0]
    )
    assert n_left_out > 0
    assert check.n_without_target == n_left_out
    assert check.files == (
        FileFacts(
            path=str(table),
            role=FileRole.TABLE,
            n_examples=300 - n_left_out,
            delimiter=",",
            encoding="utf-8",
            decimal_comma=False,
        ),
        FileFacts(
            path=str(dev),
            role=FileRole.DEV_TABLE,
            n_examples=50,
            delimiter=None,
            encoding=None,
            decimal_comma=False,
        ),
        FileFacts(
            path=str(test),
            role=FileRole.TEST_TABLE,
            n_examples=40,
            delimiter=";",
            encoding="utf-8",
            decimal_comma=True,
        ),
    )
    (warning,) = (warning for warning in check.warnings if warning.about == "few dev examples")
    assert "--folds" not in warning.remedy


def test_a_built_in_table_has_no_delimiter() -> None:
    (file,) = check_data(study_from_flags({"data.table": "iris"})[0]).files
    assert (file.path, file.n_examples, file.delimiter, file.encoding) == ("iris", 150, None, None)


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
