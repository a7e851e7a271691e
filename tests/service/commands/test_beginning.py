"""A study's first line: printed before anything slow is imported, and only where the study has a place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from service.commands.beginning import checked_data, first_line, print_first_line
from service.configuration.command_flags import study_of
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.storage.database_url import file_url
from service.study.storage.new_study_file import has_place_for
from tests.new_database import new_store
from tests.service.study.search.studies import begin, small_config

LINE = "study wine: wine, classification of cultivar; 108 train, 35 dev, 35 test examples (sealed)"


def test_the_line_names_table_task_and_sets() -> None:
    config, _ = study_of("wine", {})

    assert first_line(config, checked_data(config)) == LINE


def test_a_study_without_a_test_set_seals_nothing() -> None:
    config, _ = study_of("wine", {"no_test": True})

    assert "sealed" not in first_line(config, checked_data(config))


def test_a_space_that_does_not_fit_the_data_is_refused_before_the_line() -> None:
    config, _ = study_of("wine", {"space": "small", "task": "regression"})

    with pytest.raises(BadInputError, match="the task of the built-in table wine is classification"):
        checked_data(config)


CODES = "expected at least 40, the categories of a column, got 8"


@pytest.mark.parametrize(
    ("kind", "space", "message"),
    [
        ("network", "{ flip = 'horizontal' }", "space.flip: without an image shape"),
        ("network", "{ loss = 'huber' }", "space.loss: the loss huber is not for classification"),
        ("boosting", "{ max_bins = 8 }", f"space.max_bins: {CODES}"),
    ],
)
def test_of_a_contest_each_kinds_space_has_to_fit_its_own_inputs(
    kind: str, space: str, message: str, tmp_path: Path
) -> None:
    rows = [f"{row},town{row % 40},{'yes' if row % 3 else 'no'}" for row in range(400)]
    (tmp_path / "table.csv").write_text("\n".join(["size,town,sold", *rows]) + "\n", encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        f"[data]\ntable = 'table.csv'\ntarget = 'sold'\n[[contest]]\nmodel = 'linear'\n"
        f"[[contest]]\nmodel = '{kind}'\nspace = {space}\n",
        encoding="utf-8",
    )
    config, _ = study_of(str(tmp_path / "study.toml"), {})

    with pytest.raises(BadInputError, match=message):
        checked_data(config)


def test_an_empty_directory_has_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert has_place_for(LaunchConfig(), ["wine"])
    assert not any(tmp_path.iterdir())


def test_a_name_that_is_taken_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = new_store(tmp_path / "proctor.db")
    begin(store, config := small_config())
    name = config.name
    store.close()

    assert not has_place_for(LaunchConfig(), [name])
    assert not has_place_for(LaunchConfig(), ["another", name])
    assert has_place_for(LaunchConfig(), ["another"])


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_what_is_no_database_of_ours_has_none(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is None:
        (tmp_path / "proctor.db").mkdir()
    else:
        (tmp_path / "proctor.db").write_bytes(content)

    assert not has_place_for(LaunchConfig(), ["wine"])


def test_a_database_that_is_named_is_judged_by_whoever_opens_it(tmp_path: Path) -> None:
    assert not has_place_for(LaunchConfig(storage=file_url(tmp_path / "studies.db")), ["wine"])


def test_nobody_has_to_read_the_line(tmp_path: Path) -> None:
    script = (
        "from service.commands.beginning import *; from service.configuration.command_flags import study_of;"
        "config, launch = study_of('wine', {}); print_first_line(config, launch, checked_data(config))"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
    )
    os.close(writer)

    assert (done.returncode, done.stderr) == (0, b"")


def test_the_line_is_printed_once_it_is_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config, launch = study_of("wine", {})
    prepared = checked_data(config)

    assert print_first_line(config, launch, prepared)
    (tmp_path / "proctor.db").mkdir()
    assert not print_first_line(config, launch, prepared)
    assert capfd.readouterr().out == f"{LINE}\n"
