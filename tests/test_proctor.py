"""What Python's users import: few names, each when it is used, and the same studies as the command's."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import proctor
from service.commands.trials import set_aside
from service.configuration.launch_config import LaunchConfig
from tests.end_to_end.commands import environment
from tests.end_to_end.commands import proctor as run_command

SETTINGS: dict[str, Any] = {"trials": 3, "max_epochs": 2, "confirm": 0, "no_baselines": True, "seed": 4}
FLAGS = ("--trials", "3", "--max-epochs", "2", "--confirm", "0", "--no-baselines", "--seed", "4")


def loaded_after(program: str, cwd: Path) -> set[str]:
    """Return the top packages that a program has loaded at its end."""
    told = f"{program}\nimport sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    found = subprocess.run(
        [sys.executable, "-c", told], cwd=cwd, env=environment(), capture_output=True, text=True, check=True
    )
    return set(found.stdout.split())


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("python")


@pytest.fixture(scope="module")
def study(directory: Path) -> proctor.Study:
    return proctor.run("iris", storage=f"sqlite:///{directory / 'proctor.db'}", verbose=False, **SETTINGS)


def test_every_public_name_is_there_and_documented() -> None:
    assert dir(proctor) == proctor.__all__
    for name in proctor.__all__:
        assert getattr(proctor, name).__doc__, name
    with pytest.raises(AttributeError, match="has no attribute 'tune'; it has BadInputError, "):
        _ = proctor.tune


def test_importing_it_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = {"numpy", "optuna", "polars", "pydantic", "ray", "scipy", "sklearn", "sqlalchemy"}
    assert loaded_after("import proctor", tmp_path) & heavy == set()
    assert (
        loaded_after("from proctor import load_winner", tmp_path) & {"optuna", "ray", "sqlalchemy"} == set()
    )


def test_a_study_from_python_is_the_commands_to_the_bit(study: proctor.Study, tmp_path: Path) -> None:
    ran = run_command("run", "iris", *FLAGS, "--workers", "0", "--no-report", "--quiet", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    command = proctor.Study.open("iris", f"sqlite:///{tmp_path / 'proctor.db'}")
    here, there = study.report().facts, command.report().facts
    assert here.test == there.test is not None
    assert here.reproduce == there.reproduce
    assert here.winner == there.winner
    accidents = ["seconds", "worker", "started", "ended"]
    assert study.trials().drop(accidents, strict=False).equals(command.trials().drop(accidents, strict=False))


def test_a_report_is_a_page_a_text_and_values(study: proctor.Study, tmp_path: Path) -> None:
    report = study.report()
    assert "Test error" in str(report)
    assert report.facts.study == "iris"
    shown = report._repr_html_()
    assert shown.startswith('<iframe sandbox srcdoc="&lt;!doctype html')
    assert shown.count("<") == 2, "the page is escaped whole"
    report.write(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == report.page


def test_a_study_gives_its_best_trial_its_diagnosis_and_its_winner(study: proctor.Study) -> None:
    assert study.best is not None
    assert study.best.trial == study.report().facts.winner.trial  # type: ignore[union-attr]
    assert study.diagnosis.gaps is not None
    flowers = pl.DataFrame({name: [5.0, 6.0] for name in study.winner.feature_names_in_})
    assert len(study.winner.predict(flowers)) == 2
    assert study.winner is study.winner


def test_the_winner_is_the_one_that_has_won_by_now(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'proctor.db'}"
    study = proctor.run("iris", storage=storage, verbose=False, keep_sealed=True, **SETTINGS)
    first = study.winner
    assert study.winner is first
    launch = LaunchConfig(storage=storage)
    set_aside("iris", launch, first.model.description.trial, None)
    second = study.winner
    assert second.model.description.trial != first.model.description.trial
    assert study.winner is second
    assert proctor.Study("iris", storage) == study


def test_trials_are_a_data_frame(study: proctor.Study) -> None:
    trials = study.trials()
    assert isinstance(trials, pl.DataFrame)
    assert trials.height == 3


def test_what_cannot_be_done_is_one_line(directory: Path) -> None:
    storage = f"sqlite:///{directory / 'proctor.db'}"
    with pytest.raises(proctor.BadInputError, match=r"no study 'irs'.*did you mean iris"):
        proctor.Study.open("irs", storage)
    with pytest.raises(proctor.BadInputError, match="trails"):
        proctor.run("iris", trails=3)
    with pytest.raises(
        proctor.BadInputError, match="--look-again opens the test set, --keep-sealed does not"
    ):
        proctor.run("iris", keep_sealed=True, look_again="why")
    with pytest.raises(proctor.BadInputError, match="study 'iris' exists"):
        proctor.run("iris", storage=storage)


def test_a_bar_shows_how_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    proctor.run("iris", storage=f"sqlite:///{tmp_path / 'proctor.db'}", **SETTINGS)
    said = capsys.readouterr()
    assert said.out == ""
    assert "3/3" in said.err
    assert "best dev error" in said.err
