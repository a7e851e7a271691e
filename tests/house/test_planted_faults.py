"""The planted faults still fit the tree: each has its place and its test, and a few are really planted."""

import subprocess
import sys
from collections import Counter

import pytest

from tests.house.checkout import ROOT
from tests.planted_faults import Fault, Outcome, chosen, find_all, planted_faults

FAULTS = planted_faults()
PROOF = [
    "lambda acts on biases too",
    "Adam's bias correction is a step ahead",
    "patience waits an epoch too long",
]
"""Faults that are planted here; `python -m tests.planted_faults` plants all."""


def by_name(fault: Fault) -> str:
    return fault.name


def test_there_are_at_least_25_and_no_two_are_the_same() -> None:
    assert len(FAULTS) >= 25
    for told_by in ("name", "new"):
        counts = Counter((fault.file, getattr(fault, told_by), fault.old) for fault in FAULTS)
        assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("fault", FAULTS, ids=by_name)
def test_a_fault_has_exactly_one_place_and_changes_it(fault: Fault) -> None:
    assert fault.occurrences(ROOT) == 1
    assert fault.old != fault.new


@pytest.mark.parametrize("fault", FAULTS, ids=by_name)
def test_a_fault_is_still_python(fault: Fault) -> None:
    """A file that cannot be compiled fails every test, and proves nothing about one."""
    source = (ROOT / fault.file).read_text().replace(fault.old, fault.new)
    compile(source, fault.file, "exec", dont_inherit=True)


def test_every_named_test_exists() -> None:
    files = sorted({fault.test.split("::")[0] for fault in FAULTS})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    there = set(printed.splitlines())
    there |= {line.split("[")[0] for line in there}
    assert sorted({fault.test for fault in FAULTS} - there) == []


def test_three_of_them_really_are_caught() -> None:
    faults = [fault for fault in FAULTS if fault.name in PROOF]
    assert [finding.outcome for finding in find_all(faults)] == [Outcome.CAUGHT] * 3


def test_a_fault_that_changes_nothing_is_told_as_not_caught() -> None:
    harmless = Fault(
        "a comment",
        "workers/network/schedules.py",
        "import math\n",
        "import math  # as ever\n",
        "tests/workers/network/test_schedules.py::test_factors_are_the_formulas",
    )
    assert [finding.outcome for finding in find_all([harmless])] == [Outcome.MISSED]


def test_a_test_that_cannot_be_run_has_caught_nothing() -> None:
    gone = Fault(
        "x",
        "workers/network/schedules.py",
        "import math\n",
        "",
        "tests/workers/network/test_schedules.py::test_gone",
    )
    misplaced = Fault("y", "workers/network/schedules.py", "no such text", "", gone.test)
    assert [finding.outcome for finding in find_all([gone, misplaced])] == [
        Outcome.NOT_RUN,
        Outcome.NOT_PLANTED,
    ]


def test_faults_are_chosen_by_number_and_by_word() -> None:
    assert chosen(FAULTS, []) == list(FAULTS)
    assert chosen(FAULTS, ["2"]) == [FAULTS[1]]
    assert PROOF[0] in [fault.name for fault in chosen(FAULTS, ["biases"])]
