"""`make quick` runs the tests that import what has changed."""

from tests.house.checkout import ROOT
from tests.quick import touched_tests


def touched(*names: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in touched_tests({ROOT / name for name in names})}


def test_a_changed_module_touches_the_tests_that_import_it() -> None:
    found = touched("workers/network/schedules.py")
    assert "tests/workers/network/test_schedules.py" in found
    assert "tests/service/seal/test_ledger.py" not in found


def test_a_changed_helper_of_tests_touches_those_that_it_helps() -> None:
    assert "tests/service/winner/models/test_model.py" in touched("tests/service/iris_study.py")


def test_a_changed_test_touches_itself_alone() -> None:
    assert touched("tests/house/test_wheel.py") == {"tests/house/test_wheel.py"}
