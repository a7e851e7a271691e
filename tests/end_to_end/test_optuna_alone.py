"""A study is read by Optuna's own tools, without Proctor."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.commands import database, environment, proctor
from tests.house.checkout import ROOT

STUDY = (
    *("run", "iris", "--space", "small", "--trials", "6", "--workers", "0", "--max-epochs", "6"),
    *("--confirm", "0", "--quiet"),  # Optuna's best trial is the winner where no mean over seeds decides
)

READS_A_STUDY = """
import sys
sys.path[:] = [path for path in sys.path if path != sys.argv[3]]
try:
    import service
except ImportError:
    pass
else:
    sys.exit("Proctor is on the path")
import optuna
study = optuna.load_study(study_name=sys.argv[2], storage=sys.argv[1])
print(len(study.trials), study.best_trial.number, study.best_value, sorted(study.best_params))
"""


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a study; its database lies in the directory returned."""
    directory = tmp_path_factory.mktemp("studied")
    run = proctor(*STUDY, cwd=directory)
    assert run.returncode == 0, run.stderr
    return directory


def report(directory: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(proctor("show", "iris", "--json", cwd=directory).stdout)
    return values


def test_load_study_reads_it_with_no_proctor_on_its_path(studied: Path) -> None:
    read = subprocess.run(
        [sys.executable, "-c", READS_A_STUDY, database(studied), "iris", f"{ROOT}"],
        cwd=studied,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert read.returncode == 0, read.stderr
    winner = report(studied)["winner"]
    expected = f"6 {winner['trial']} {winner['figures']['dev']['error']} {sorted(winner['searched'])}"
    assert read.stdout.strip() == expected


def test_optunas_command_lists_its_trials(studied: Path) -> None:
    command = [f"{Path(sys.executable).parent / 'optuna'}", "trials", "--study-name", "iris", "-f", "json"]
    read = subprocess.run(
        [*command, "--storage", database(studied)],
        cwd=studied,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert read.returncode == 0, read.stderr
    assert [trial["number"] for trial in json.loads(read.stdout)] == list(range(6))
