"""The report before the opening: everything but test figures, from storage alone, no row of a table read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.report_page.dashboard_note import dashboard_note
from service.report_page.report_file import write_report
from service.reporting.report_contents import gather_contents
from tests.service.iris_study import new_store, search_iris
from tests.service.wired_data import wired
from tests.tripwire import TrippedError

N = 200
MARK = 987_654
"""Cells of the last column are this and a row's number: no other number in a report looks like it."""


def write_table(path: Path) -> None:
    """Write a table whose rows can be told by a cell of theirs."""
    x = np.random.default_rng(3).normal(size=(N, 3))
    lines = [
        f"{a!r},{b!r},{MARK}.{row:03},{'yes' if a + c > 0 else 'no'}"
        for row, (a, b, c) in enumerate(x.tolist())
    ]
    path.write_text("\n".join(["first,second,mark,kind", *lines]) + "\n")


@pytest.mark.parametrize("name", ["report.html", "report.md", "report.json"])
def test_it_is_made_without_the_table_and_without_a_test_row(tmp_path: Path, name: str) -> None:
    """A wire lies in the test set's place while the winner is measured; then the table itself is gone."""
    table = tmp_path / "marked.csv"
    write_table(table)
    study = search_iris(new_store(tmp_path), table=str(table), target="kind", name="marked")
    guarded = replace(study, prepared=wired(study.prepared))
    guarded.conclude(keep_sealed=True)
    table.unlink()

    contents = gather_contents(study.stored, study.store)
    write_report(contents, tmp_path / name)
    text = (tmp_path / name).read_text("utf-8")
    assert contents.report.test is None
    assert contents.report.n_examples["test"] == 40
    assert len(text) > 5_000
    assert f"{MARK}" not in text
    assert f"{MARK}" not in dashboard_note(contents.report)
    with pytest.raises(TrippedError, match="a sealed test example was read"):
        guarded.conclude()  # the wire was there all along
    study.store.close()
