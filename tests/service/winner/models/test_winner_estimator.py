"""A loaded winner is an estimator like others, and gives the bits that the report measured."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from service.python.winner_estimator import WinnerClassifier, WinnerRegressor, load_winner
from tests.service.winner.models.data_frame import DataFrame
from tests.service.winner.models.exported_winner import ExportedWinner
from workers.train_dev_data import Task


@pytest.fixture
def classifier(iris: ExportedWinner) -> WinnerClassifier:
    winner = load_winner(iris.path)
    assert isinstance(winner, WinnerClassifier)
    return winner


@pytest.fixture
def regressor(winners: dict[str, ExportedWinner]) -> WinnerRegressor:
    winner = load_winner(str(winners["diabetes"].path))
    assert isinstance(winner, WinnerRegressor)
    return winner


def test_predictions_are_the_bits_that_the_report_measured(winner: ExportedWinner) -> None:
    loaded = load_winner(winner.path)
    if isinstance(loaded, WinnerClassifier):
        probabilities = loaded.predict_proba(winner.dev)
        np.testing.assert_array_equal(probabilities, winner.measured)
        names = np.array(winner.prepared.split.class_names)
        np.testing.assert_array_equal(loaded.predict(winner.dev), names[winner.measured.argmax(axis=1)])
    else:
        np.testing.assert_array_equal(loaded.predict(winner.dev), winner.measured)


def test_its_figures_are_those_that_it_was_described_by(winner: ExportedWinner) -> None:
    loaded, y = load_winner(winner.path), winner.y_dev
    figures = winner.model.description.dev_figures
    if winner.prepared.split.task is Task.CLASSIFICATION:
        names = np.array(winner.prepared.split.class_names)[y.astype(np.int64)]
        assert 1 - accuracy_score(names, loaded.predict(winner.dev)) == pytest.approx(figures["error"])
        assert loaded.score(winner.dev, names) == pytest.approx(1 - figures["error"])
    else:
        assert r2_score(y, loaded.predict(winner.dev)) == pytest.approx(figures["r_squared"])
        assert loaded.score(winner.dev, y) == pytest.approx(figures["r_squared"])


def test_it_says_what_it_reads_and_predicts(classifier: WinnerClassifier) -> None:
    assert classifier.n_features_in_ == 4
    assert classifier.feature_names_in_.tolist()[:2] == ["sepal length (cm)", "sepal width (cm)"]
    assert classifier.classes_.tolist() == ["setosa", "versicolor", "virginica"]


def test_a_frame_in_another_order_gives_the_same(classifier: WinnerClassifier, iris: ExportedWinner) -> None:
    frame = DataFrame(classifier.feature_names_in_[::-1].tolist(), iris.dev[:, ::-1])
    np.testing.assert_array_equal(classifier.predict_proba(frame), iris.measured)
    with pytest.raises(ValueError, match=r"missing columns that the model reads: 'petal width \(cm\)'"):
        classifier.predict(DataFrame(classifier.feature_names_in_[:3].tolist(), iris.dev[:, :3]))


def test_a_number_has_no_probabilities(regressor: WinnerRegressor) -> None:
    assert not hasattr(regressor, "predict_proba")
    assert not hasattr(regressor, "classes_")


def test_scikit_learn_knows_it(
    classifier: WinnerClassifier, regressor: WinnerRegressor, iris: ExportedWinner
) -> None:
    assert is_classifier(classifier)
    assert is_regressor(regressor)
    assert "iris" in repr(classifier)
    assert "array(" not in repr(classifier)  # not all of its weights
    for copy in (clone(classifier), pickle.loads(pickle.dumps(classifier))):  # noqa: S301 (our own bytes)
        np.testing.assert_array_equal(copy.predict_proba(iris.dev), iris.measured)
    names = classifier.predict(iris.dev)
    importance = permutation_importance(classifier, iris.dev, names, n_repeats=2, random_state=0)
    assert importance.importances_mean.max() > 0
    pipeline = make_pipeline(FunctionTransformer(), FrozenEstimator(classifier)).fit(iris.dev, names)
    assert pipeline.score(iris.dev, names) == 1


def test_it_is_not_fitted_again(classifier: WinnerClassifier, iris: ExportedWinner) -> None:
    with pytest.raises(
        NotImplementedError, match=r"winner of study 'iris' has been trained; .*FrozenEstimator"
    ):
        classifier.fit(iris.dev, iris.y_dev)


def test_it_needs_neither_ray_nor_optuna(iris: ExportedWinner) -> None:
    program = f"""
import sys
for absent in ("ray", "optuna", "sqlalchemy", "click", "rich"):
    sys.modules[absent] = None
from service.python.winner_estimator import load_winner
print(load_winner({str(iris.path)!r}).predict([[5.1, 3.5, 1.4, 0.2]])[0])
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    expected = load_winner(iris.path).predict([[5.1, 3.5, 1.4, 0.2]])[0]
    assert (run.stdout, run.stderr) == (f"{expected}\n", "")
