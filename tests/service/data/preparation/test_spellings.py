"""A table is the same study however its numbers and dates are written."""

from pathlib import Path

import numpy as np
import pytest

from service.configuration.study_config import StudyConfig
from service.data.preparation.prepared_data import PreparedData, prepare_data
from tests.service.spelled_tables import PLAIN, SPELLINGS, Spelling, write_spelled


def prepared(path: Path, spelling: Spelling) -> PreparedData:
    table = str(write_spelled(path, spelling))
    return prepare_data(StudyConfig.model_validate({"data": {"table": table, "target": "y"}}))


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_table_in_another_spelling_is_the_same_study(spelling: Spelling, tmp_path: Path) -> None:
    plain, other = prepared(tmp_path / "plain.csv", PLAIN), prepared(tmp_path / "other.csv", spelling)
    assert other.test_fingerprint == plain.test_fingerprint
    for name in ("X_train", "y_train", "X_dev", "y_dev"):
        assert np.array_equal(getattr(other.train_dev, name), getattr(plain.train_dev, name)), name
    assert [told.column.kind for told in other.told.columns] == ["numeric", "numeric", "date"]


def test_what_was_read_is_said(tmp_path: Path) -> None:
    notes = prepared(tmp_path / "table.csv", SPELLINGS["accounts"]).notes
    assert any(note.startswith("column 'price' is read as numeric: read '") for note in notes)
    assert any("pts' as " in note for note in notes)
