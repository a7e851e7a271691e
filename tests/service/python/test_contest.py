"""A contest that Python runs."""

from pathlib import Path

import pytest

import proctor
from service.study.storage.database_url import file_url


def test_the_study_of_the_best_kind_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study = proctor.run(
        "diabetes",
        model="network,linear",
        trials=3,
        max_epochs=1,
        confirm=0,
        no_baselines=True,
        verbose=False,
        storage=file_url(tmp_path / "study.db"),
    )
    report = study.report().facts
    assert report.contest is not None
    assert report.contest.best == "linear"  # one epoch is enough for it
    assert (study.name, report.model) == ("diabetes-linear", "linear")
    assert report.test is not None
