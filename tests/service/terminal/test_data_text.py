"""What is understood of a table fits a screen of 80 columns, and says all that it should."""

from pathlib import Path

from service.checking.data_check import check_data
from service.configuration.study_file import read_study_file, study_from_flags
from service.terminal.data_text import print_data
from tests.service.paper import paper, text_of

ROOT = Path(__file__).parents[3]


def test_a_table_of_all_kinds_is_told_in_80_columns() -> None:
    check = check_data(read_study_file(ROOT / "examples" / "rents.toml", {})[0])
    console = paper()
    print_data(check, console)
    page = text_of(console)
    table = page[page.index("column ") : page.index("* as said")].splitlines()
    assert all(len(line.rstrip()) <= 80 for line in table)
    assert "regression of rent in " in page
    assert "8 rows without a rent left out" in page
    assert "The test set's cells are not looked at" in page
    rows = [line.split() for line in table]
    assert ["furnished", "boolean", "2"] in [row[:3] for row in rows]
    assert ["landlord", "group", "*"] in [row[:3] for row in rows]
    assert "id  listing: is not learned from: its text is another in every row" in page
    assert '[columns] listed = "time"' in page


def test_classes_are_told_by_their_shares_and_nothing_to_see_to_is_said() -> None:
    console = paper()
    print_data(check_data(study_from_flags({"data.table": "digits", "split.folds": 5})[0]), console)
    page = text_of(console)
    assert "1,438 train, 359 test examples, 5 folds" in page
    assert "digit: " in page
    assert " % (" in page
    assert page.rstrip().endswith("Nothing to see to.")
