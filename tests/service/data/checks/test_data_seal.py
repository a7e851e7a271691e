"""Of the test set nothing but its size is told: its cells can be anything, or not be there at all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from service.configuration.study_config import StudyConfig
from service.configuration.study_file import study_from_flags
from service.data.checks.data_check import DataCheck, check_data, describe_data
from service.data.preparation.prepared_data import read_and_split
from service.seal.sealed_test_set import SealedTestSet
from tests.tripwire import Tripwire, tripwired_examples

N = 900
N_TEST = 150


def usual_row(row: int) -> str:
    return f"{row / 7},{row},red,2024-01-{1 + row % 28:02},{'ab'[row % 2]}"


def missing_row(row: int) -> str:
    return f",,,,{'ab'[row % 2]}"


def strange_row(row: int) -> str:
    return f"1e300,-inf,{row} ünknown,soon,{'ab'[row % 3 == 0]}"


def constant_row(row: int) -> str:
    return f"0,0,0,0,{'a' * (row >= 0)}"


def row_of_ids(row: int) -> str:
    return f"word {row},{row * 10**9},{row},{row},{'ba'[row % 2]}"


ROWS = (usual_row, missing_row, strange_row, constant_row, row_of_ids)


def config(directory: Path, *, test_rows: Callable[[int], str]) -> StudyConfig:
    """Write a table and a test file, and name them."""
    rng = np.random.default_rng(0)
    header = "x,count,color,day,y\n"
    known = "".join(
        f"{x},{row % 41},{['red', 'green'][row % 2]},2023-0{1 + row % 9}-11,{'ab'[int(x > 0)]}\n"
        for row, x in enumerate(rng.normal(size=N))
    )
    (directory / "known.csv").write_text(header + known)
    test = "".join(f"{test_rows(row)}\n" for row in range(N_TEST))
    (directory / "test.csv").write_text(header + test, encoding="utf-8")
    return study_from_flags(
        {
            "data.table": str(directory / "known.csv"),
            "data.test_table": str(directory / "test.csv"),
            "data.target": "y",
        }
    )[0]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> DataCheck:
    return check_data(config(tmp_path_factory.mktemp("seal"), test_rows=usual_row))


@pytest.mark.parametrize("test_rows", [rows for rows in ROWS if rows is not usual_row])
def test_the_same_is_told_whatever_the_test_rows_hold(
    test_rows: Callable[[int], str], usual: DataCheck, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = check_data(config(tmp_path_factory.mktemp("seal"), test_rows=test_rows))
    without_paths = {"files": {"__all__": {"path"}}}
    assert found.model_dump_json(exclude=without_paths) == usual.model_dump_json(exclude=without_paths)
    assert found.n_examples["test"] == N_TEST
    assert [warning.about for warning in found.warnings] == ["leak", "date", "few dev examples"]


def test_known_rows_do_change_what_is_told(usual: DataCheck, tmp_path: Path) -> None:
    changed = config(tmp_path, test_rows=usual_row)
    text = (tmp_path / "known.csv").read_text().replace("green", "blue")
    (tmp_path / "known.csv").write_text(text)
    assert check_data(changed).columns[2] != usual.columns[2]


@pytest.mark.parametrize("has_test_file", [True, False])
def test_nobody_reaches_for_the_test_rows(tmp_path: Path, has_test_file: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    study = config(tmp_path, test_rows=usual_row)
    if not has_test_file:
        study = study.model_copy(update={"data": study.data.model_copy(update={"test_table": None})})
    table, split, told = read_and_split(study)
    assert split.test is not None
    cells = list(table.features_of(split.known.rows))
    wired_table = replace(
        table,
        frame=cast("pl.DataFrame", Tripwire(table.frame.shape)),
        y=cast("NDArray[np.int64]", Tripwire(table.y.shape)),
    )
    test = SealedTestSet(tripwired_examples(split.test.n_examples), fingerprint=split.test.fingerprint)
    found = describe_data(study, wired_table, replace(split, test=test), told, cells=cells)
    assert found == check_data(study)
