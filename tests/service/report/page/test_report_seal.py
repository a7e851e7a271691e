"""The report before the opening: everything but test figures, from storage alone, no row of a table read."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from service.configuration.data_config import DataConfig
from service.report.facts.report_contents import gather_contents
from service.report.page.markdown import dashboard_note
from service.report.page.report_file import write_report
from tests.service.iris_study import new_store, search_iris
from tests.service.wired_data import wired
from tests.tripwire import TrippedError

MARK = "98765"
"""Each number in the test set begins so, and none in the known examples."""


def write_table(path: Path, n: int, *, mark: str = "") -> None:
    """Write a table of numbers and a class; a mark is put before all digits."""
    x = np.random.default_rng(n).uniform(0.1, 0.9, size=(n, 3))
    kinds = ["yes" if first > second else "no" for first, second in x[:, :2].tolist()]
    lines = [
        ",".join([*(f"{mark}{value}" for value in row), kind]) for row, kind in zip(x, kinds, strict=True)
    ]
    path.write_text("\n".join(["first,second,third,kind", *lines]) + "\n")


@pytest.mark.parametrize("name", ["report.html", "report.md", "report.json"])
def test_it_is_made_without_the_table_and_without_a_test_row(tmp_path: Path, name: str) -> None:
    """A wire lies in the test set's place while the winner is measured; then the table itself is gone."""
    known, test = tmp_path / "known.csv", tmp_path / "test.csv"
    write_table(known, 160)
    write_table(test, 40, mark=MARK)
    data = DataConfig(table=str(known), test_table=str(test), target="kind")
    study = search_iris(new_store(tmp_path), name="marked", data=data)
    guarded = replace(study, prepared=wired(study.prepared))
    guarded.conclude(keep_sealed=True)
    known.unlink()
    test.unlink()

    contents = gather_contents(study.stored, study.store)
    write_report(contents, tmp_path / name)
    text = (tmp_path / name).read_text("utf-8")
    assert contents.report.test is None
    assert contents.report.n_examples["test"] == 40
    assert len(text) > 5_000
    assert MARK not in text
    assert MARK not in dashboard_note(contents.report)
    with pytest.raises(TrippedError, match="a sealed test example was read"):
        guarded.conclude()  # the wire was there all along
    study.store.close()
