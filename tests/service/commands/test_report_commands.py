"""The commands that write a report's file: where they do, what they say of it, and what they refuse."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.cli import run_command
from tests.service.iris_study import IrisStudy, new_store, search_iris

TOLD = "The whole report, with pictures: "


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IrisStudy]:
    """Search a study in a directory that commands then run in; its test set is sealed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROCTOR_STORAGE", raising=False)
    study = search_iris(new_store(tmp_path), trials=3)
    yield study
    study.store.close()


@pytest.mark.usefixtures("study")
def test_it_is_written_of_any_kind_to_any_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("there.html", "there.md", "there.json"):
        assert run_command(["report", "iris", "-o", name]) == 0
        assert capsys.readouterr() == (f"{name} written\n", "")
    assert run_command(["report", "iris"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'iris-report.html'} written\n"
    run_command(["show", "iris", "--json"])
    assert json.loads((tmp_path / "there.json").read_text()) == json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["iris", "-o", "a.pdf"], "a report's file ends in one of .html, .md, .json, got 'a.pdf'"),
        (["iris", "-o", "missing/a.html"], "missing/a.html cannot be written: No such file or directory"),
        (["irish"], "no study 'irish' in "),
    ],
)
def test_what_cannot_be_is_told_in_a_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"proctor: {line}")
    assert err.count("\n") == 1


def test_resuming_to_the_end_writes_it_unless_told_not_to(
    study: IrisStudy, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "iris-report.html"
    assert run_command(["resume", "iris", "--no-report"]) == 0
    assert not page.exists()
    assert TOLD not in capfd.readouterr().out
    assert run_command(["resume", "iris", "--quiet"]) == 0
    assert page.exists()
    assert TOLD not in "".join(capfd.readouterr())
    assert run_command(["resume", "iris"]) == 0
    assert f"{TOLD}{page}" in capfd.readouterr().out
    assert study.report.test is None


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.usefixtures("study")
def test_an_opening_brings_its_figure_into_the_page(
    as_json: bool,  # noqa: FBT001 (a parameter of the test)
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = tmp_path / "iris-report.html"
    run_command(["report", "iris"])
    assert "so this is no final figure" in page.read_text("utf-8")
    capsys.readouterr()
    assert run_command(["unseal", "iris", *(["--json"] if as_json else [])]) == 0

    out, err = capsys.readouterr()
    assert (f"{TOLD}{page}" in err) is as_json
    assert (f"{TOLD}{page}" in out) is not as_json
    assert not as_json or json.loads(out)["test"]
    assert "95 % interval" in page.read_text("utf-8")
    assert "so this is no final figure" not in page.read_text("utf-8")


@pytest.mark.usefixtures("study")
def test_an_opening_stands_where_its_page_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "iris-report.html").mkdir()
    assert run_command(["unseal", "iris"]) == 0

    out, err = capsys.readouterr()
    assert "Test error" in out
    assert "proctor: warning: " in err
    assert "cannot be written: Is a directory" in err
