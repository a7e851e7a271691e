"""What is understood of a table fits a screen of 80 columns, and says all that it should."""

from pathlib import Path

import pytest

from service.configuration.study_file import read_study_file, study_from_flags
from service.data.checks.data_check import DataCheck, FileFacts, FileRole, check_data
from service.data.checks.data_warning import Concern, DataWarning
from service.report.terminal.data_text import print_data
from tests.house.checkout import ROOT
from tests.service.paper import paper, text_of, words


def test_a_table_of_all_kinds_is_told_in_80_columns() -> None:
    check = check_data(read_study_file(ROOT / "examples" / "rents.toml", {})[0])
    console = paper()
    print_data(check, console)
    page = text_of(console)
    assert all(len(line) <= 80 for line in page.splitlines() if "rents.csv" not in line)
    table = page[page.index("column ") : page.index("* as set")].splitlines()
    assert all(len(line.rstrip()) <= 80 for line in table)
    assert "regression of rent in " in page
    assert "8 rows without a rent left out" in page
    assert "The test set's cells are not read" in page
    rows = [line.split() for line in table]
    assert ["furnished", "boolean", "2"] in [row[:3] for row in rows]
    assert ["landlord", "group", "*"] in [row[:3] for row in rows]
    assert "id  listing: is not learned from: its text is different in every row" in page
    assert '[columns] listing = "categorical"\n' in page
    assert "split by landlord" in page


def test_classes_are_told_by_their_shares_and_nothing_to_see_to_is_said() -> None:
    console = paper()
    print_data(check_data(study_from_flags({"data.table": "digits", "split.folds": 5})[0]), console)
    page = text_of(console)
    assert "1,438 train, 359 test examples, 5 folds" in page
    assert "digit: " in page
    assert " % (" in page
    assert page.rstrip().endswith("Nothing to see to.")


def test_a_target_that_can_be_meant_either_way_is_told_with_the_flag_for_the_other(tmp_path: Path) -> None:
    rows = [f"{row * 7 % 100 / 3},{1 + row % 10}\n" for row in range(200)]
    (tmp_path / "scores.csv").write_text("x,score\n" + "".join(rows))
    flags = {"data.table": str(tmp_path / "scores.csv"), "data.target": "score"}
    check = check_data(study_from_flags(flags)[0])
    page = page_of(check)
    assert page.startswith("regression of score in")
    assert (
        "  target 'score' is predicted as a number (regression): 10 evenly spaced whole\n"
        "  numbers from 1 to 10; --task classification predicts them as classes\n"
    ) in page
    for width in range(60, 90):
        assert "--task classification" in page_of(check, width=width)
    page = page_of(check_data(study_from_flags({**flags, "data.task": "regression"})[0]))
    assert "is predicted as" not in page


def test_classes_of_similar_names_are_told_and_what_to_do(tmp_path: Path) -> None:
    classes = ["yes", "no", "Yes", "no"]
    rows = [f"{row * 7 % 100 / 3},{classes[row % 4]}\n" for row in range(200)]
    (tmp_path / "answers.csv").write_text("x,answer\n" + "".join(rows))
    flags = {"data.table": str(tmp_path / "answers.csv"), "data.target": "answer", "split.no_test": True}
    page = words(page_of(check_data(study_from_flags(flags)[0])))
    assert "similar classes classes that differ only in case or blanks, with their known" in page
    assert (
        "'Yes' (50) and 'yes' (50) they count as different classes; if they mean the same, spell them alike"
        in page
    )


def page_of(check: DataCheck, *, width: int = 80) -> str:
    console = paper(width=width)
    print_data(check, console)
    return text_of(console)


def test_the_pixels_of_an_image_are_one_row() -> None:
    digits = check_data(study_from_flags({"data.table": "digits"})[0])
    (row,) = (line for line in page_of(digits).splitlines() if " image " in line)
    assert row.split()[:4] == ["pixel_0_0", "…", "pixel_7_7", "image"]
    assert row.split()[-1] == "64"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_screen_and_what_is_to_be_copied_stays_whole(width: int) -> None:
    check = check_data(study_from_flags({"data.table": "iris", "split.no_test": True})[0])
    long_line = f'[columns] {"n" * 30} = "numeric" or "categorical"'
    warning = DataWarning(
        about=Concern.ID, column="c" * 30, sentence="is told in many words " * 9, remedy=f"if so, {long_line}"
    )
    page = page_of(check.model_copy(update={"warnings": (warning,)}), width=width)
    assert all(len(line) <= max(width, len(long_line) + 2) for line in page.splitlines())
    assert f"{long_line}\n" in page
    assert words("is told in many words " * 9) in words(page)
    assert "test" not in page


def test_files_are_told_with_how_they_are_written_where_it_is_not_the_usual() -> None:
    check = check_data(study_from_flags({"data.table": "iris"})[0])
    usual = FileFacts(
        path="a.csv",
        role=FileRole.TABLE,
        n_examples=9,
        delimiter=",",
        encoding="utf-8",
        decimal_comma=False,
    )
    other = FileFacts(
        path="b.csv",
        role=FileRole.TEST_TABLE,
        n_examples=9,
        delimiter=";",
        encoding="cp1252",
        decimal_comma=True,
    )
    page = page_of(check.model_copy(update={"files": (usual, other)}))
    assert "classification of species in a.csv\n" in page
    assert "  test set from b.csv (cells between semicolons, cp1252, decimal commas)\n" in page


def test_of_many_classes_the_commonest_are_told() -> None:
    check = check_data(study_from_flags({"data.table": "iris"})[0])
    counts = {f"class {n}": n for n in range(1, 21)}
    page = words(page_of(check.model_copy(update={"class_counts": counts})))
    assert "species: class 20 9.5 % (20), class 19 9.0 % (19)," in page
    assert "class 9 4.3 % (9) and 8 more classes" in page
    assert "class 8" not in page
