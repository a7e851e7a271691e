"""Cells of a test set that cannot be read are taken for missing once it is opened, counted, and told."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from service.configuration.data_config import DataConfig
from service.report.terminal.report_text import print_report
from tests.service.iris_study import IrisStudy, new_store, search_iris
from tests.service.paper import paper, text_of, words


def searched(directory: Path, faulty: dict[str, list[str]]) -> IrisStudy:
    """Search on a train file of numbers, with a test file whose first cells are what is given by column."""
    rng = np.random.default_rng(0)
    for name, n in (("train", 120), ("exam", 40)):
        cells = {column: [f"{x:.3f}" for x in rng.normal(size=n)] for column in ("age", "income")}
        target = ["yes" if float(age) > 0 else "no" for age in cells["age"]]
        if name == "exam":
            for column, given in faulty.items():
                cells[column][: len(given)] = given
        pl.DataFrame({**cells, "y": target}).write_csv(directory / f"{name}.csv")
    data = DataConfig(table=str(directory / "train.csv"), test_table=str(directory / "exam.csv"), target="y")
    return search_iris(new_store(directory), name="exam", data=data, trials=1)


def page(study: IrisStudy) -> str:
    console = paper()
    print_report(study.report, console)
    return words(text_of(console))


@pytest.fixture
def study(tmp_path: Path) -> Iterator[IrisStudy]:
    study = searched(tmp_path, {"age": ["old", "young", "NA", "old"], "income": ["much"]})
    yield study
    study.store.close()


def test_they_are_counted_by_column_in_ledger_report_and_screen(study: IrisStudy) -> None:
    assert "treated as missing" not in page(study)
    study.conclude()

    (look,) = study.looks
    assert look.figures is not None
    assert look.figures["n_faulty"] == {"age": 3, "income": 1}
    assert study.report.test is not None
    assert study.report.test.n_faulty == {"age": 3, "income": 1}
    assert (
        "3 cells of 'age', 1 cell of 'income' in the test set do not fit their column's kind and were treated"
        " as missing"
    ) in page(study)


def test_one_cell_is_told_as_one(tmp_path: Path) -> None:
    study = searched(tmp_path, {"age": ["old"]})
    study.conclude()
    assert (
        "1 cell of 'age' in the test set does not fit its column's kind and was treated as missing"
        in page(study)
    )
    study.store.close()


def test_a_test_set_without_such_cells_has_no_such_line(tmp_path: Path) -> None:
    study = searched(tmp_path, {"age": ["NA"]})
    study.conclude()
    assert study.report.test is not None
    assert study.report.test.n_faulty == {}
    assert "treated as missing" not in page(study)
    study.store.close()
