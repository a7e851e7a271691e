"""The report as a file, through the real command: at the end of a run, and where it cannot be written."""

import json
from pathlib import Path

from tests.end_to_end.commands import proctor

QUICK = ("run", "iris", "--trials", "3", "--max-epochs", "3", "--confirm", "0", "--workers", "0")


def test_a_run_leaves_its_page_in_the_working_directory(tmp_path: Path) -> None:
    run = proctor(*QUICK, "--keep-sealed", "--json", cwd=tmp_path)

    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["test"] is None
    assert f"The whole report, with pictures: {tmp_path / 'iris-report.html'}\n" in run.stderr
    page = (tmp_path / "iris-report.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "so this is no final figure" in page
    assert {path.name for path in tmp_path.iterdir()} == {"iris-report.html", "proctor.db"}, (
        "nothing is left open"
    )


def test_a_limit_that_nobody_keeps_is_warned_of(tmp_path: Path) -> None:
    run = proctor(*QUICK, "--trial-memory", "500", "--quiet", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "proctor: warning: with --workers 0 nothing limits the memory of a trial\n" in run.stderr


def test_a_place_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "iris-report.html").mkdir()
    run = proctor(*QUICK, cwd=tmp_path)

    assert run.returncode == 0
    assert "proctor: warning: " in run.stderr
    assert "iris-report.html cannot be written: Is a directory; `proctor report iris`" in run.stderr
    assert "Test error" in run.stdout
    assert "The whole report" not in run.stdout
