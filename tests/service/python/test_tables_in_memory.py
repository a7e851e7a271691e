"""A table that no file holds is the table that a file of the same cells would be."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import prepare_data, prepare_table
from service.errors import BadInputError
from service.python.study_in_memory import table_of
from service.tables.column_kinds import ColumnKind
from service.tables.said_column import SaidColumn
from service.tables.table import TableOptions, load_table
from workers.train_dev_data import Task

FEATURES = pl.DataFrame({"size": [1.5, 2.5, None], "target": ["a", None, "b"], "count": [1, 2, 3]})


def test_the_target_gets_a_name_that_no_feature_has() -> None:
    table = table_of(FEATURES, np.array([0, 1, 0]), class_names=("no", "yes"), said={})
    assert table.target_name == "target_"
    assert table.feature_names == ("size", "target", "count")
    assert table.frame["target_"].to_list() == [0, 1, 0]


@pytest.mark.parametrize(("names", "task"), [(("no", "yes"), Task.CLASSIFICATION), ((), Task.REGRESSION)])
def test_class_names_tell_the_task(names: tuple[str, ...], task: Task) -> None:
    assert table_of(FEATURES, np.array([0, 1, 0]), class_names=names, said={}).task is task


def test_numbers_are_numeric_and_what_is_said_goes_before() -> None:
    table = table_of(
        FEATURES, np.zeros(3), class_names=(), said={"c*": SaidColumn(kind=ColumnKind.CATEGORICAL)}
    )
    assert table.kinds == {"size": ColumnKind.NUMERIC, "count": ColumnKind.CATEGORICAL}


def test_what_is_said_of_no_column_is_refused() -> None:
    with pytest.raises(BadInputError, match=r"columns\.width: no such column.*\(data in memory\)"):
        table_of(FEATURES, np.zeros(3), class_names=(), said={"width": SaidColumn(kind=ColumnKind.NUMERIC)})


def test_a_cells_place_is_its_row() -> None:
    table = table_of(FEATURES, np.zeros(3), class_names=(), said={})
    assert table.place(1, "size") == "(data in memory: row 2, column 'size')"


def test_it_is_prepared_to_the_last_bit_as_the_file_with_the_same_cells(tmp_path: Path) -> None:
    """From Parquet, which keeps types; the target has the same name and the same cells."""
    rng = np.random.default_rng(0)
    features = pl.DataFrame({"a": rng.normal(size=60), "b": ["x", "y", None] * 20})
    y = rng.normal(size=60)
    path = tmp_path / "table.parquet"
    features.with_columns(target=y).write_parquet(path)
    config = StudyConfig(name="table", data=DataConfig(table=str(path), target="target"))
    of_file = prepare_data(config)
    of_memory = prepare_table(table_of(features, y, class_names=(), said={}), config)
    assert of_memory.test_fingerprint == of_file.test_fingerprint
    np.testing.assert_array_equal(of_memory.train_dev.X_train, of_file.train_dev.X_train)
    np.testing.assert_array_equal(of_memory.train_dev.y_dev, of_file.train_dev.y_dev)
    loaded = load_table(str(path), options=TableOptions(target="target"))
    np.testing.assert_array_equal(loaded.y, y)
