"""Each promise of the table of disasters names a test that is there."""

import re

import pytest

from tests.house.checkout import ROOT

LINES = (ROOT / "docs" / "how-to" / "disasters.md").read_text("utf-8").splitlines()
ROWS = [re.split(r"(?<!\\)\|", line)[1:-1] for line in LINES if line.startswith("| ")][1:]
REQUIRED = {
    "Ctrl-C",
    "SIGTERM",
    "SIGHUP",
    "kill -9",
    "power",
    "disk",
    "shm",
    "tmp",
    "database is away",
    "clock",
    "second command",
    "suspended",
    "worker is killed",
    "Ray's own processes",
    "head of a running cluster",
}


def test_no_disaster_is_left_out() -> None:
    told = " ".join(row[0] for row in ROWS)
    assert {words for words in REQUIRED if words not in told} == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_each_has_a_test(row: list[str]) -> None:
    assert len(row) == 6
    files = re.findall(r"`(tests/[\w/]+\.py)`", row[-1])
    assert files
    for file in files:
        assert "def test_" in (ROOT / file).read_text("utf-8")
