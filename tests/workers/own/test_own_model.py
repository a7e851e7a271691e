"""Trials of the user's own model: bits, failures with the user's lines, and nothing that disturbs others."""

import random
import re
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from search_spaces.own.point import OwnPoint
from tests.workers.own.own_sources import (
    FOREST,
    LINEAR,
    POINT,
    RATE,
    WITH_STATE,
    learner_source,
    own_data,
    rules_of,
    source_of_text,
)
from workers.kinds import model_kind
from workers.messages import Ending, TrialEnded, TrialRequest
from workers.model_source import ModelSource
from workers.own.loading import loaded
from workers.own.models import PICKLE, SOURCE
from workers.trial.trial_runner import run_trial
from workers.trial_data import TrialData

TREE = "from sklearn.tree import DecisionTreeClassifier\n"
SHORT = """class Tree(DecisionTreeClassifier):
    def predict_proba(self, X):
        return super().predict_proba(X)[:-1]
"""

every_output = pytest.mark.parametrize("n_outputs", [1, 2, 4])
EVERY_MODEL = [
    pytest.param(source_of_text(FOREST), POINT, 1, id="estimator"),
    pytest.param(learner_source(), RATE, 8, id="pickled learner"),
    pytest.param(learner_source(LINEAR + WITH_STATE), RATE, 8, id="learner with a state"),
]
every_model = pytest.mark.parametrize(("source", "point", "max_epochs"), EVERY_MODEL)


def ended(
    source: ModelSource, point: OwnPoint, *, n_outputs: int = 2, max_epochs: int = 1, seed: int = 5
) -> TrialEnded:
    data = own_data(source, n_outputs)
    rules = rules_of(data, max_epochs=max_epochs)
    request = TrialRequest(0, point, seed, rules, keep_state=True, keep_predictions=True)
    *_, end = run_trial(TrialData.single(data), request, worker="here")
    assert isinstance(end, TrialEnded)
    return end


def reason(text: str, point: OwnPoint = POINT, *, n_outputs: int = 2) -> str:
    """Return why a trial of a model failed."""
    source = learner_source(text) if "class Model" in text else source_of_text(text)
    end = ended(source, point, n_outputs=n_outputs, max_epochs=2)
    assert end.ending is Ending.FAILED
    assert "\n" not in end.reason
    return end.reason


@every_model
@every_output
def test_what_was_kept_predicts_to_the_bit_what_the_dev_set_was_judged_by(
    source: ModelSource, point: OwnPoint, max_epochs: int, n_outputs: int
) -> None:
    end = ended(source, point, n_outputs=n_outputs, max_epochs=max_epochs)
    assert end.ending is Ending.COMPLETE, end.reason
    assert end.state is not None
    assert len(end.curve) == max_epochs
    data = own_data(source, n_outputs)

    predicted = model_kind("own").predict(
        end.state, point, data.X_dev, task=data.task, n_outputs=data.n_outputs
    )

    assert predicted.dtype == np.float32
    np.testing.assert_array_equal(predicted, end.dev_predictions)


@every_model
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(
    source: ModelSource, point: OwnPoint, max_epochs: int
) -> None:
    one, same, other = (ended(source, point, max_epochs=max_epochs, seed=seed) for seed in (5, 5, 6))
    assert one.curve == same.curve
    np.testing.assert_array_equal(one.dev_predictions, same.dev_predictions)
    assert one.curve != other.curve


def test_a_class_that_the_train_set_lacks_has_probability_0() -> None:
    source = source_of_text(FOREST)
    data = own_data(source, 4)
    data = replace(data, y_train=np.where(data.y_train == 1, 2, data.y_train))
    request = TrialRequest(0, POINT, 5, rules_of(data), keep_predictions=True)
    *_, end = run_trial(TrialData.single(data), request, worker="here")
    assert isinstance(end, TrialEnded)
    assert end.dev_predictions is not None
    assert (end.dev_predictions[:, 1] == 0).all()
    np.testing.assert_allclose(end.dev_predictions.sum(axis=1), 1, atol=1e-6)


def test_each_step_of_a_pipeline_gets_a_seed_of_its_own() -> None:
    text = """
    from sklearn.ensemble import BaggingClassifier
    from sklearn.tree import DecisionTreeClassifier

    class Watched(BaggingClassifier):
        def fit(self, X, y):
            seeds = self.get_params()["random_state"], self.get_params()["estimator__random_state"]
            raise ValueError(f"{seeds}")

    def make(max_depth):
        return Watched(DecisionTreeClassifier(), random_state=7)
    """
    seeds = re.findall(r"\d+", reason(text).partition("(")[2])
    assert len(set(seeds)) == 2
    assert "7" not in seeds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "def make(max_depth):\n    return 1 / 0\n",
            "my_models.py:2: ZeroDivisionError: division by zero",
        ),
        (
            "import sys\ndef make(max_depth):\n    sys.exit('enough')\n",
            "my_models.py:3: SystemExit: enough",
        ),
        (
            "def make(max_depth):\n    return 3\n",
            "my_models.py:1: expected make to return an object with fit and predict, got int",
        ),
        (
            "from sklearn.svm import LinearSVC\n\ndef make(max_depth):\n    return LinearSVC()\n",
            "my_models.py:3: LinearSVC has no predict_proba, which classes need",
        ),
        (
            f"{TREE}def make(max_depth):\n    return DecisionTreeClassifier(max_depth=-3)\n",
            "my_models.py:2: InvalidParameterError: The 'max_depth' parameter of ",
        ),
        (
            f"{TREE}{SHORT}def make(max_depth):\n    return Tree()\n",
            "my_models.py:5: expected probabilities of shape (200, 2), got (199, 2)",
        ),
        (
            f"{TREE}def make(max_depth):\n    class Tree(DecisionTreeClassifier): ...\n    return Tree()\n",
            "my_models.py:2: what was fitted cannot be pickled: ",
        ),
    ],
)
def test_what_an_estimator_does_wrong_is_its_trials_failure_with_the_users_line(
    text: str, expected: str
) -> None:
    assert reason(text).startswith(expected)


def test_a_number_that_is_not_finite_is_the_trials_failure() -> None:
    text = """
    import numpy as np
    from sklearn.dummy import DummyRegressor
    class Nothing(DummyRegressor):
        def predict(self, X):
            return np.full(len(X), np.nan)
    def make(max_depth):
        return Nothing()
    """
    assert reason(text, n_outputs=1) == "my_models.py:7: a prediction is not finite"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("return scores", "return scores", ""),
        ("odds.sum(axis=1, keepdims=True)", "2", "my_models.py:14: expected probabilities that add up to 1"),
        ("X @ self.W", "X @ self.W[1:]", "my_models.py:15: ValueError: matmul: "),
        ("return odds /", "return (odds /", "cannot be imported: my_models.py:"),
        ("self.W -=", "return 'much' #", "my_models.py:9: expected a train loss or None, got str"),
        ("self.W -=", "X[:] = 0 #", "my_models.py:12: ValueError: assignment destination is read-only"),
    ],
)
def test_what_a_learner_does_wrong_is_its_trials_failure(old: str, new: str, expected: str) -> None:
    text = LINEAR.replace(old, new, 1)
    if not expected:
        assert ended(learner_source(text), RATE, max_epochs=2).ending is Ending.COMPLETE
    else:
        assert reason(text, RATE).startswith(expected)


def test_what_is_printed_and_warned_of_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    loud = "import sys, warnings\nprint('imported')\n" + FOREST.replace(
        "    forest =", "    print('out'); print('err', file=sys.stderr); warnings.warn('heed')\n    forest ="
    )
    streams = sys.stdout, sys.stderr
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert ended(source_of_text(loud), POINT).ending is Ending.COMPLETE
    assert not warned
    assert capfd.readouterr() == ("", "")
    assert (sys.stdout, sys.stderr) == streams


def test_global_generators_are_the_models_own_and_left_as_they_were() -> None:
    text = LINEAR.replace("self.rng.permutation", "np.random.permutation").replace(
        "import numpy as np", "import random\nimport numpy as np"
    )
    text = text.replace("self.rate * X", "random.random() * self.rate * X")
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    before = np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index]  # noqa: NPY002
    one = ended(learner_source(text), RATE, max_epochs=3)
    after = np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index]  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    random.seed(2)
    other = ended(learner_source(text), RATE, max_epochs=3)

    assert before == after
    assert one.ending is Ending.COMPLETE, one.reason
    assert one.curve == other.curve


def test_a_learner_with_a_state_keeps_arrays_and_no_pickle() -> None:
    end = ended(learner_source(LINEAR + WITH_STATE), RATE, max_epochs=3)
    assert end.state is not None
    assert set(end.state) == {SOURCE, "learned/W"}
    pickled = ended(learner_source(), RATE, max_epochs=3).state
    assert pickled is not None
    assert set(pickled) == {SOURCE, PICKLE}


def test_the_best_epoch_is_kept_though_the_learner_goes_on() -> None:
    worse = LINEAR.replace(
        "self.W -=", "self.n = getattr(self, 'n', 0) + 1\n            self.W -= 1 if self.n > 30 else"
    )
    for text in (worse, worse + WITH_STATE):
        end = ended(learner_source(text), RATE, max_epochs=6)
        assert end.best_epoch < 6
        assert end.state is not None
        data = own_data(learner_source(text))
        predicted = model_kind("own").predict(end.state, RATE, data.X_dev, task=data.task, n_outputs=2)
        np.testing.assert_array_equal(predicted, end.dev_predictions)


def test_a_learner_that_cannot_take_its_state_back_fails_at_once() -> None:
    text = LINEAR + WITH_STATE.replace("def load", "def unload")
    expected = "my_models.py:5: expected a method load beside state, got Model without it"
    assert reason(text, RATE) == expected


def test_a_file_that_was_stopped_as_it_was_imported_is_imported_anew(tmp_path: Path) -> None:
    flag = tmp_path / "has stopped"
    text = f"""
    from pathlib import Path
    if not Path({str(flag)!r}).exists():
        Path({str(flag)!r}).touch()
        raise MemoryError
    def make(max_depth):
        return None
    """
    source = source_of_text(text)
    with pytest.raises(MemoryError):
        loaded(source)
    assert callable(loaded(source))
