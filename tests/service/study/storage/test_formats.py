"""A study of another format is refused in one line that says what to do."""

from pathlib import Path

import pytest

from service.study.storage.storage_errors import OthersStudyError, StorageError
from service.study.storage.stored_study import load_study
from service.study.storage.study_format import FORMAT, check_format
from tests.service.iris_study import new_store, search_iris


def test_a_newer_study_is_refused_with_what_to_do() -> None:
    told = (
        rf"^study 'iris' was written by a newer .*: expected format {FORMAT}, got {FORMAT + 1}; upgrade .*$"
    )
    with pytest.raises(StorageError, match=told):
        check_format("iris", {"format": FORMAT + 1, "config": {}})


@pytest.mark.parametrize("written", range(FORMAT))
def test_a_study_that_was_split_by_another_rule_is_refused_with_what_to_do(written: int) -> None:
    told = rf"^study 'iris' was begun by an older .*: expected format {FORMAT}, got {written}; start .*$"
    with pytest.raises(StorageError, match=told):
        check_format("iris", {"format": written, "config": {}})


def test_a_study_in_storage_is_not_read_in_another_format(tmp_path: Path) -> None:
    study = search_iris(new_store(tmp_path))
    assert study.store.attributes("iris")["format"] == FORMAT
    study.store.set_attribute("iris", "format", FORMAT - 1)
    with pytest.raises(StorageError, match="begun by an older Proctor"):
        load_study(study.store, "iris")
    study.store.close()


@pytest.mark.parametrize(
    "attributes", [{}, {"format": FORMAT}, {"config": {}}, {"format": "5", "config": {}}]
)
def test_a_study_of_another_tool_is_none_of_ours(attributes: dict[str, object]) -> None:
    with pytest.raises(OthersStudyError, match="study 'iris' was not made by Proctor"):
        check_format("iris", attributes)
