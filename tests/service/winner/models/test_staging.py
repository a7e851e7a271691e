"""What is staged is there whole or not at all, and an older one stays until then."""

from pathlib import Path

import pytest

from service.winner.models.staging import staged_directory, staged_file


class FullDiskError(Exception):
    """Stands for whatever ends a writer before its end."""


def begin(file: Path) -> None:
    """Write the first half of a file, and no more.

    Raises
    ------
    FullDiskError
        Always.
    """
    file.write_text("half")
    raise FullDiskError("the disk is full")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_text("older")
    with staged_file(place) as partial:
        partial.write_text("newer")
        assert place.read_text() == "older"
        assert partial.parent == tmp_path
    assert place.read_text() == "newer"
    assert names(tmp_path) == ["out.csv"]


def test_a_file_that_is_not_finished_leaves_the_older_one(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_text("older")
    with pytest.raises(FullDiskError, match="full"), staged_file(place) as partial:
        begin(partial)
    assert place.read_text() == "older"
    assert names(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("older", [[], ["older"]])
def test_a_directory_takes_its_place_at_the_end(tmp_path: Path, older: list[str]) -> None:
    place = tmp_path / "model"
    for name in older:
        place.mkdir()
        (place / name).touch()
    with staged_directory(place) as partial:
        (partial / "newer").touch()
        assert not (place / "newer").exists()
    assert names(place) == ["newer"]
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("older", [[], ["older"]])
def test_a_directory_that_is_not_finished_leaves_nothing(tmp_path: Path, older: list[str]) -> None:
    place = tmp_path / "model"
    for name in older:
        place.mkdir()
        (place / name).touch()
    before = names(tmp_path)
    with pytest.raises(FullDiskError, match="full"), staged_directory(place) as partial:
        begin(partial / "half")
    assert names(tmp_path) == before
    assert not older or names(place) == older


def test_a_directory_that_came_in_the_meantime_is_not_merged_with(tmp_path: Path) -> None:
    place = tmp_path / "model"
    with staged_directory(place) as partial:
        (partial / "ours").touch()
        place.mkdir()
        (place / "theirs").touch()
    assert names(place) == ["ours"]
