"""The same table in eight spellings is the same study, to the bit, for the command and from Python."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from service.errors import ProctorWarning
from service.python.estimators import ProctorRegressor
from tests.end_to_end.commands import proctor, trials_of
from tests.service.spelled_tables import PLAIN, PRICES, SHARES, SPELLINGS, TARGETS, write_spelled

QUICK = (
    "--trials",
    "2",
    "--confirm",
    "0",
    "--max-epochs",
    "3",
    "--workers",
    "0",
    "--no-baselines",
    "--no-report",
)


def test_the_command_runs_the_same_study_of_all_spellings(tmp_path: Path) -> None:
    studies = {}
    for name, spelling in {"plain": PLAIN, **SPELLINGS}.items():
        table = write_spelled(tmp_path / f"{name}.csv", spelling)
        run = proctor("run", table.name, "--target", "y", *QUICK, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        assert (": read '" in run.stderr) == (name != "plain")
        studies[name] = trials_of(tmp_path, name)
    for name in SPELLINGS:
        assert studies[name] == studies["plain"], name


def test_a_column_of_text_in_a_data_frame_is_read_as_a_file_is() -> None:
    plain = pl.DataFrame({"price": PRICES, "share": SHARES})
    y = np.array(TARGETS)
    expected = ProctorRegressor(trials=2, max_epochs=3)
    with pytest.warns(ProctorWarning):
        expected.fit(plain, y)
    for name, spelling in SPELLINGS.items():
        written = {"price": map(spelling.price, PRICES), "share": map(spelling.share, SHARES)}
        spelled = pl.DataFrame({column: list(cells) for column, cells in written.items()})
        study = ProctorRegressor(trials=2, max_epochs=3)
        with pytest.warns(ProctorWarning) as said:
            study.fit(spelled, y)
        assert any("column 'price' is read as numeric: read " in str(each.message) for each in said)
        assert np.array_equal(study.predict(spelled), expected.predict(plain)), name
