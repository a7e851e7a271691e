"""A study of the user's own model, through the command: to its report, killed and resumed, and refused."""

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.end_to_end.commands import proctor, start_on_ray, trials_of, wait_for_trials
from tests.house.checkout import ROOT

TREE = """
import helpers
from sklearn.tree import DecisionTreeClassifier

print("read")

def make_tree(max_depth, min_samples_leaf=1):
    helpers.talk()
    return DecisionTreeClassifier(max_depth=max_depth, min_samples_leaf=min_samples_leaf, max_features=0.5)
"""
HELPERS = """
import warnings

def talk():
    print("made")
    warnings.warn("heed this")
"""
NET = """
import numpy as np

class Softmax:
    def __init__(self, rate, n_features, n_outputs, seed):
        self.rate, self.rng = rate, np.random.default_rng(seed)
        self.W = np.zeros((n_features, n_outputs))

    def advance(self, X, y):
        for rows in np.array_split(self.rng.permutation(len(X)), len(X) // 16):
            error = self.predict(X[rows])
            error[np.arange(len(rows)), y[rows]] -= 1
            self.W -= self.rate * X[rows].T @ error / len(rows)

    def predict(self, X):
        scores = X @ self.W
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def state(self):
        return {"W": self.W}

    def load(self, state):
        self.W = state["W"]
"""
STUDY = """
name = "own"
trials = 12
no_baselines = true
[data]
table = "breast_cancer"
[confirmation]
finalists = 2
[model]
"""
OF_TREE = (
    STUDY
    + """
estimator = "my_models:make_tree"
[space.max_depth]
low = 1
high = 8
[space.min_samples_leaf]
low = 1
high = 30
log = true
"""
)
OF_NET = (
    STUDY
    + """
learner = "my_models:Softmax"
[space.rate]
low = 0.0001
high = 10.0
log = true
[training]
max_epochs = 60
"""
)
MOVING = {"storage", "search_seconds", "training_seconds", "looks", "own_model"}


def written(directory: Path, study: str, model: str) -> Path:
    """Write a study beside its model, and return their directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "study.toml").write_text(study)
    (directory / "my_models.py").write_text(model)
    (directory / "helpers.py").write_text(HELPERS)
    return directory


def outcome(report: str) -> dict[str, Any]:
    """Return what a report says of the study itself."""
    values: dict[str, Any] = json.loads(report)
    del values["confirmation"]["training_seconds"]
    return {name: value for name, value in values.items() if name not in MOVING}


@pytest.mark.parametrize(("study", "model"), [(OF_TREE, TREE), (OF_NET, NET)], ids=["estimator", "learner"])
def test_a_study_is_the_same_on_two_workers_and_after_a_kill(tmp_path: Path, study: str, model: str) -> None:
    here = written(tmp_path / "here", study, model)
    alone = proctor("run", "study.toml", "--workers", "0", "--json", cwd=here)
    assert alone.returncode == 0, alone.stderr
    report = json.loads(alone.stdout)
    assert report["model"] == "own"
    assert report["own_model"]["code"].startswith(f"{here}/my_models.py:")
    assert report["test"] is not None
    assert report["winner"]["is_reproduced"]
    assert "made" not in alone.stderr
    assert "heed" not in alone.stderr

    there = written(tmp_path / "there", study.replace("trials = 12", "trials = 12\nseed = 0"), model)
    running = start_on_ray("first", "run", "study.toml", "--workers", "2", "--json", cwd=there)
    wait_for_trials(running, there, "own", 3)
    running.kill()
    running.communicate()
    resumed = proctor("resume", "own", "--workers", "2", "--json", cwd=there)
    assert resumed.returncode == 0, resumed.stderr

    assert trials_of(there, "own") == trials_of(here, "own")
    assert outcome(resumed.stdout) == outcome(alone.stdout)


def test_early_stopping_and_pruning_work_for_a_learner(tmp_path: Path) -> None:
    here = written(tmp_path, OF_NET, NET)
    assert proctor("run", "study.toml", "--workers", "0", cwd=here).returncode == 0
    states = {trial["state"].name for trial in trials_of(here, "own")}
    assert "PRUNED" in states
    epochs = [len(trial["intermediate_values"]) for trial in trials_of(here, "own")]
    assert min(epochs) < max(epochs)


def test_what_can_be_done_with_a_study_of_ones_own_model(tmp_path: Path) -> None:
    here = written(tmp_path, OF_TREE, TREE)
    run = proctor("run", "study.toml", "--workers", "0", "--keep-sealed", cwd=here)
    assert run.returncode == 0, run.stderr
    assert (here / "own-report.html").read_text().count("SHA-256 of the model&#39;s file") == 1

    unsealed = proctor("unseal", "own", cwd=here)
    assert unsealed.returncode == 0, unsealed.stderr
    assert "Test error" in unsealed.stdout
    code = re.escape(f"{here}/my_models.py:make_tree")
    assert re.search(rf"with {code}, SHA-256 [0-9a-f]{{64}}\n", unsealed.stdout)

    export = proctor("export", "own", "-o", "model", cwd=here)
    assert export.returncode == 2
    assert export.stderr.startswith("proctor: a model of one's own cannot be exported: train ")
    assert export.stderr.count("\n") == 1
    assert not (here / "model").exists()

    (here / "my_models.py").write_text(TREE + "\n# another line\n")
    more = proctor("resume", "own", "--trials", "13", "--workers", "0", "--look-again", "more", cwd=here)
    assert more.returncode == 0, more.stderr
    assert f"{here}/my_models.py has changed since the study began" in more.stderr

    (here / "my_models.py").unlink()
    gone = proctor("resume", "own", "--trials", "14", cwd=here)
    assert gone.returncode == 2
    assert gone.stderr == (
        f"proctor: model.estimator: {here}/my_models.py cannot be read: No such file or directory\n"
    )
    assert proctor("show", "own", cwd=here).returncode == 0  # a report needs no code


def test_the_study_goes_on_where_single_trials_fail(tmp_path: Path) -> None:
    broken = TREE.replace("    helpers.talk()", "    if max_depth > 4:\n        raise ValueError('too deep')")
    here = written(tmp_path, OF_TREE, broken)
    run = proctor("run", "study.toml", "--workers", "0", "--json", cwd=here)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert set(report["failures"]) == {"my_models.py:9: ValueError: too deep"}
    assert report["trials"]["complete"] > 0


BAD = [
    pytest.param(
        OF_TREE.replace("my_models:", "my_model:"),
        TREE,
        "model.estimator: {here}/my_model.py cannot be read: No such file or directory",
        id="no such file",
    ),
    pytest.param(
        OF_TREE.replace("make_tree", "make_tre"),
        TREE,
        "model.estimator: my_models.py has no make_tre; did you mean make_tree?",
        id="no such function",
    ),
    pytest.param(
        OF_TREE,
        "import nothing_of_this_name\n",
        "model.estimator: cannot be imported: my_models.py:1: ModuleNotFoundError: No module named"
        " 'nothing_of_this_name'",
        id="an import that fails",
    ),
    pytest.param(
        OF_TREE,
        "def make_tree(:\n",
        "model.estimator: cannot be imported: my_models.py:1: SyntaxError: invalid syntax",
        id="no Python",
    ),
    pytest.param(
        OF_TREE,
        "make_tree = 3\n",
        "model.estimator: expected a function or a class, got make_tree = 3 in my_models.py",
        id="no function",
    ),
    pytest.param(
        OF_TREE.replace("space.max_depth", "space.max_depht"),
        TREE,
        "space.max_depht: make_tree takes no such argument; did you mean max_depth?",
        id="another argument",
    ),
    pytest.param(
        OF_TREE.replace("[space.max_depth]\nlow = 1\nhigh = 8\n", ""),
        TREE,
        "space.max_depth: missing; make_tree has no default for it",
        id="a missing argument",
    ),
    pytest.param(
        OF_TREE + "[space.kind_of]\nchoices = [1, 2]\n",
        "def make_tree(**anything): ...\n\ndef make_tree(kind_of, /, **anything): ...\n",
        "space.kind_of: make_tree takes it by position: expected an argument with a name",
        id="an argument without a name",
    ),
    pytest.param(
        OF_NET.replace("Softmax", "Hard"),
        "class Hard:\n    def __init__(self, rate): ...\n    def advance(self, X, y): ...\n",
        "model.learner: the class Hard of my_models.py has no method predict",
        id="a learner that does not predict",
    ),
    pytest.param(
        OF_TREE.replace("my_models:make_tree", "my_models.make_tree"),
        TREE,
        'study.toml:11: model.estimator: expected a module and a name, "my_models:make_forest", got'
        ' "my_models.make_tree"',
        id="not written so",
    ),
    pytest.param(
        OF_TREE.replace("estimator =", 'inputs = "frame"\nestimator ='),
        TREE,
        'study.toml:11: model.inputs: expected one of numbers, got "frame"',
        id="a data frame",
    ),
    pytest.param(
        OF_TREE.replace("estimator =", 'learner = "my_models:make_tree"\nestimator ='),
        TREE,
        "study.toml:11: model.learner: a model of one's own needs an estimator or a learner: expected one of"
        " them, got both",
        id="both",
    ),
    pytest.param(
        OF_TREE.partition("[space")[0],
        TREE,
        "study.toml: space: a model of one's own has no built-in search space: expected a dimension,"
        " [space.NAME], for each of its arguments",
        id="no space",
    ),
    pytest.param(
        OF_TREE.replace("estimator =", 'kind = "network"\nestimator ='),
        TREE,
        "study.toml:11: model.kind: a model of one's own is of the kind own, got network",
        id="another kind",
    ),
]


@pytest.mark.parametrize(("study", "model", "message"), BAD)
def test_what_cannot_be_run_is_refused_in_one_line_before_anything_is(
    tmp_path: Path, study: str, model: str, message: str
) -> None:
    here = written(tmp_path, study, model)
    run = proctor("run", "study.toml", "--workers", "0", cwd=here)
    assert run.stderr == f"proctor: {dedent(message).format(here=here)}\n"
    assert run.stdout == ""
    assert run.returncode == 2
    assert not (here / "proctor.db").exists()


def test_no_kind_of_its_own_without_code(tmp_path: Path) -> None:
    run = proctor("run", "iris", "--model", "own", cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith("proctor: --model: a model of one's own needs an estimator or a learner")


@pytest.mark.parametrize("name", ["kernel", "network"])
def test_the_examples_run_and_beat_the_mean(tmp_path: Path, name: str) -> None:
    path = ROOT / "examples" / "own-models" / f"{name}.toml"
    words = ("--trials", "4", "--confirm", "1", "--no-baselines", "--workers", "0", "--json", "--no-report")
    run = proctor("run", str(path), *words, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["failures"] == {}
    models = report["test"]["models"]
    assert models["winner"]["rmse"] < 0.7 * models["mean"]["rmse"]


def test_a_job_is_refused_as_the_models_file_would_not_go_with_it(tmp_path: Path) -> None:
    here = written(tmp_path, OF_TREE, TREE)
    places = ("--address", "http://127.0.0.1:1", "--storage", "postgresql+psycopg://me@nowhere/studies")
    submitted = proctor("submit", "study.toml", *places, cwd=here)
    assert submitted.returncode == 2
    assert submitted.stderr == (
        "proctor: a study of a model of one's own cannot be submitted, as its file is not sent: `proctor run`"
        " with --address runs it on a cluster\n"
    )
