"""The dev set's rows and cells: of the right file, under the number that a reader counts to."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from service.configuration.study_config import StudyConfig
from service.configuration.study_file import study_from_flags
from service.data.preparation.dev_examples import DevExamples, dev_examples
from service.data.preparation.prepared_data import prepare_data, read_and_split
from service.seal.splits import Split
from service.tables.table import Table

N = 300


def table(n: int = N) -> pl.DataFrame:
    """Make a table whose `mark` says in which row it stands, the first being 1."""
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "mark": np.arange(1, n + 1) + 0.5,
            "word": rng.choice(["red", "green", ""], size=n),
            "day": [f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in range(n)],
            "when": [f"{1 + row // 25:02}/{1 + row % 25:02}/2020" for row in range(n)],
            "y": rng.choice(["a", "b"], size=n),
        }
    )


def study(path: Path, **flags: object) -> StudyConfig:
    return study_from_flags({"data.table": str(path), "data.target": "y", **flags})[0]


def examples_of(config: StudyConfig) -> DevExamples:
    found = prepare_data(config).dev_examples
    assert found is not None
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    table().write_csv(tmp_path / "table.csv")
    return tmp_path / "table.csv"


def is_in_order(found: DevExamples) -> bool:
    """Tell whether each example's cells are those of the row that it is said to be."""
    return bool(np.array_equal(found.values["mark"].to_numpy() - 0.5, found.rows))


def test_a_rows_number_is_its_place_below_the_header(path: Path) -> None:
    found = examples_of(study(path))
    assert is_in_order(found)
    assert found.file == "table.csv"
    assert len(found) == found.values.height == 60
    assert np.array_equal(found.positions, np.arange(60))


def test_rows_that_are_left_out_for_want_of_a_target_are_counted(path: Path) -> None:
    gaps = table().with_columns(
        y=pl.when(pl.int_range(N) % 3 != 0).then(pl.col("y"))  # the first row is one of them
    )
    gaps.write_csv(path)
    found = examples_of(study(path))
    assert is_in_order(found)
    assert (found.rows % 3 != 1).all()


def test_rows_of_a_dev_file_are_those_of_that_file(path: Path, tmp_path: Path) -> None:
    other = table(120).with_columns(word=pl.lit("blue"))
    other = other.with_columns(y=pl.when(pl.int_range(120) >= 7).then(pl.col("y")))
    other.write_csv(tmp_path / "dev.csv")
    for flags in ({}, {"split.no_test": True}):
        found = examples_of(study(path, **{"data.dev_table": str(tmp_path / "dev.csv"), **flags}))
        assert is_in_order(found)
        assert found.file == "dev.csv"
        assert found.rows.min() > 7
        assert set(found.values["word"]) == {"blue"}


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_rows_of_a_built_in_table_are_its_own(name: str) -> None:
    config = study_from_flags({"data.table": name})[0]
    found = examples_of(config)
    cells = read_and_split(config)[0].frame
    assert found.file == name
    assert cells[found.rows - 1].select(found.values.columns).equals(found.values)


def test_over_folds_there_are_none(path: Path) -> None:
    assert prepare_data(study(path, **{"split.folds": 3})).dev_examples is None


def test_cells_are_values_by_kind_and_those_that_nobody_learns_from_are_left_out(path: Path) -> None:
    wide = table().with_columns(number=pl.int_range(1, N + 1), group=pl.int_range(N) // 2, secret=pl.lit("x"))
    wide.write_csv(path)
    kinds = {"columns.group": "group", "columns.secret": "ignore"}
    found = examples_of(study(path, **kinds))
    assert found.values.columns == ["mark", "word", "day", "when"]
    assert found.values.dtypes == [pl.Float64, pl.String, pl.Datetime("us"), pl.Datetime("us")]
    assert found.values["word"].null_count() > 0
    assert set(found.values["word"].drop_nulls()) == {"red", "green"}


@pytest.mark.parametrize("when", ["day", "when", "mark"])
def test_a_column_of_times_has_values_too(path: Path, when: str) -> None:
    found = examples_of(study(path, **{f"columns.{when}": "time"}))
    assert when in found.values.columns
    assert found.values[when].null_count() == 0
    assert found.values.columns == table().columns[:-1]
    assert is_in_order(found)


def test_pixels_are_no_values_to_look_up(path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = {f"p{index}": rng.random(N) for index in range(4)}
    pl.DataFrame({**pixels, "y": table()["y"]}).write_csv(path)
    assert examples_of(study(path, **{"data.image_shape": [2, 2]})).values.width == 0


def test_of_many_columns_the_first_200_are_kept(path: Path) -> None:
    rng = np.random.default_rng(0)
    many = {f"x{index}": rng.random(N) for index in range(230)}
    pl.DataFrame({**many, "y": table()["y"]}).write_csv(path)
    found = examples_of(study(path))
    assert found.values.columns == [f"x{index}" for index in range(200)]
    assert found.n_columns_left_out == 30


def test_of_many_examples_some_are_drawn_by_the_studys_seed(path: Path) -> None:
    parts = read_and_split(study(path))

    def drawn(seed: int) -> DevExamples:
        found = dev_examples(*parts, seed=seed, most_examples=20)
        assert found is not None
        return found

    found = drawn(0)
    assert len(found) == 20
    assert is_in_order(found)
    assert (np.diff(found.positions) > 0).all()
    known = parts[1].known.rows[parts[1].folds[0].dev[found.positions]]
    assert np.array_equal(found.rows, known + 1)
    assert np.array_equal(drawn(0).positions, found.positions)
    assert not np.array_equal(drawn(1).positions, found.positions)


def test_whatever_the_test_cells_hold_the_same_is_kept(path: Path) -> None:
    """A column of times is the one whose cells are read here; those of the test set are not."""
    whole, sets, told = read_and_split(study(path, **{"columns.when": "time"}))
    assert sets.test is not None
    kept = dev_examples(whole, sets, told, seed=0)
    spoiled = dev_examples(without_test_cells(whole, sets, lambda cell: f"soon {cell}"), sets, told, seed=0)
    assert kept is not None
    assert spoiled is not None
    assert kept.values.equals(spoiled.values)
    changed = without_test_cells(whole, sets, lambda cell: f"{cell}?", of_known=True)
    other = dev_examples(changed, sets, told, seed=0)
    assert other is not None
    assert not other.values.equals(kept.values)


def without_test_cells(
    whole: Table, sets: Split, change: Callable[[str], str], *, of_known: bool = False
) -> Table:
    """Change the cells of `when` in the test set; or in the known examples, to see that these do matter."""
    is_known: NDArray[np.bool_] = np.isin(np.arange(N), sets.known.rows)
    cells = [
        change(cell) if known == of_known else cell
        for cell, known in zip(whole.frame["when"], is_known, strict=True)
    ]
    return replace(whole, frame=whole.frame.with_columns(when=pl.Series(cells)))


def test_a_row_keeps_its_id_and_no_id_of_another_set(path: Path) -> None:
    """Ids are neither learned from nor compared, but name a row to whoever looks it up."""
    named = table().with_columns(
        case=pl.Series([f"case-{row:04}-{row * 7919 % 1000}" for row in range(1, N + 1)])
    )
    named.write_csv(path)
    found = examples_of(study(path))
    assert found.ids.columns == ["case"]
    assert [int(cell.split("-")[1]) for cell in found.ids["case"]] == found.rows.tolist()
    assert "case" not in found.values.columns
