"""A function of the user's own from Python: named by its file, refused where no worker could import it."""

import importlib.util
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest

import proctor
from service.errors import BadInputError
from service.python.own_code import with_places
from tests.end_to_end.commands import proctor as command

CODE = """
from sklearn.tree import DecisionTreeClassifier

def make_tree(max_depth):
    return DecisionTreeClassifier(max_depth=max_depth)

def inner():
    def make(max_depth): ...
    return make

anonymous = lambda max_depth: None
"""
SPACE = {"max_depth": {"low": 1, "high": 6}}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import a file of the user's."""
    path = tmp_path / "tree_models.py"
    path.write_text(CODE)
    spec = importlib.util.spec_from_file_location("tree_models", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "tree_models", module)
    spec.loader.exec_module(module)
    return module


def test_a_function_is_searched_and_its_command_gives_the_same_study(
    tmp_path: Path, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = proctor.run(
        "wine", estimator=module.make_tree, space=SPACE, trials=4, confirm=0, no_baselines=True, verbose=False
    )
    facts = study.report().facts
    assert facts.own_model is not None
    assert facts.own_model.code == f"{tmp_path}/tree_models.py:make_tree"
    assert facts.winner is not None

    (tmp_path / "again").mkdir()
    again = command(*shlex.split(facts.reproduce)[1:], "--workers", "0", cwd=tmp_path / "again")
    assert again.returncode == 0, again.stderr
    other = proctor.Study.open("wine", f"sqlite:///{tmp_path}/again/proctor.db").report().facts
    assert other.winner == facts.winner
    assert other.test == facts.test


def test_the_winner_predicts_from_memory(
    tmp_path: Path, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = proctor.run(
        "wine", estimator=module.make_tree, space=SPACE, trials=2, confirm=0, no_baselines=True, verbose=False
    )
    winner = study.winner
    rows = [[13.0] * winner.n_features_in_]
    assert winner.predict(rows).shape == (1,)


def test_what_no_worker_could_import_is_refused(module: ModuleType) -> None:
    for function in (module.inner(), module.anonymous, len):
        with pytest.raises(BadInputError, match=r"^estimator: .* put it into a file of its own"):
            with_places({"estimator": function})


def test_a_function_of_the_program_itself_is_refused(module: ModuleType) -> None:
    module.make_tree.__module__ = "__main__"
    with pytest.raises(BadInputError, match=r"^learner: workers cannot import make_tree of this program"):
        with_places({"learner": module.make_tree})
