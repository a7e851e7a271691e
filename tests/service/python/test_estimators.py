"""A study in one line of Python: what is learned, what is refused, and what is left behind.

Labels are named as the command names classes: spaces at the ends of a text are no part of it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import optuna
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV, train_test_split
from sqlalchemy import create_engine, select

from service.errors import ProctorError, ProctorWarning
from service.python.estimators import ProctorClassifier, ProctorRegressor, class_labels, warn_of_merged_labels
from service.python.winner_estimator import WinnerClassifier, load_winner
from service.study.storage.database_url import file_url
from service.study.storage.lease_table import leases
from service.winner.models.model import write_model
from tests.few_valued_table import BEST_ERROR, few_valued
from tests.service.python.foreign_columns import NA, NullableColumn
from tests.service.winner.models.data_frame import NumberedColumns

pytestmark = pytest.mark.filterwarnings("ignore::service.errors.ProctorWarning")  # of small dev sets

IRIS = load_iris()
QUICK: dict[str, Any] = {"trials": 2, "space": "small", "max_epochs": 5}


def test_one_line_fits_a_study_that_is_about_as_good_as_a_linear_model() -> None:
    X_train, X_test, y_train, y_test = train_test_split(
        IRIS.data, IRIS.target_names[IRIS.target], random_state=0
    )
    classifier = ProctorClassifier(trials=6, space="small", seed=0, max_epochs=30).fit(X_train, y_train)
    linear = LogisticRegression(max_iter=1000).fit(X_train, y_train)
    assert classifier.score(X_test, y_test) >= linear.score(X_test, y_test) - 0.08
    assert classifier.classes_.tolist() == linear.classes_.tolist()
    assert set(classifier.best_hyperparameters_) == {"learning_rate", "depth", "width", "keep_prob"}
    assert 0 <= classifier.dev_figures_["error"] < 0.2


def test_the_dev_figures_of_one_dev_set_are_those_of_the_same_metrics_on_it() -> None:
    """An error is a share of the 30 examples that a fifth of iris are."""
    classifier = ProctorClassifier(**QUICK).fit(IRIS.data, IRIS.target)
    n_wrong = classifier.dev_figures_["error"] * 30
    assert n_wrong == pytest.approx(round(n_wrong), abs=1e-9)


def rare_class(n: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Draw features and a class that 14 % have, told by a line of two features."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    p = 1 / (1 + np.exp(2.3 - 1.2 * X[:, 0] - 0.8 * X[:, 1]))
    return X, np.where(rng.random(n) < p, "yes", "no")


def test_probabilities_of_a_rare_class_are_true_and_its_labels_are_what_the_balanced_error_asks_for(
    tmp_path: Path,
) -> None:
    classifier = ProctorClassifier(trials=4, max_epochs=20).fit(*rare_class(2000, 0))
    X, y = rare_class(20_000, 1)
    share, of_yes = np.mean(y == "yes"), classifier.predict_proba(X)[:, 1]
    assert of_yes.mean() == pytest.approx(share, abs=0.04)
    shares = np.full(len(y), share)
    assert log_loss(y, of_yes) < log_loss(y, shares)
    labels = classifier.predict(X)
    assert balanced_accuracy_score(y, labels) > 0.68  # the most probable class reaches 0.6
    of_share = float(np.mean(classifier.model_.description.label_weights))
    assert of_share > 1
    write_model(classifier.model_, tmp_path / "model", replace=False)
    loaded = load_winner(tmp_path / "model")
    assert isinstance(loaded, WinnerClassifier)
    np.testing.assert_array_equal(loaded.predict(X[:500]), labels[:500])


def test_the_same_seed_gives_the_same_probabilities_to_the_last_bit_and_another_gives_others() -> None:
    first, again, other = (
        ProctorClassifier(**QUICK, seed=seed).fit(IRIS.data, IRIS.target).predict_proba(IRIS.data)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_ensemble_is_several_models_by_their_weights() -> None:
    alone, together = (
        ProctorRegressor(**QUICK, ensemble=ensemble).fit(*load_diabetes(return_X_y=True))
        for ensemble in (False, True)
    )
    assert alone.model_.trained.n_models == 1
    weights = [each.weight for each in together.model_.trained.members]
    assert len(weights) > 1
    assert weights == sorted(weights, reverse=True)


def people() -> tuple[pl.DataFrame, NDArray[np.str_]]:
    """Return cells of several kinds, some missing, and a class that the city tells."""
    rng = np.random.default_rng(0)
    cities = rng.choice(["Oslo", "Bergen", "Tromsø"], 200)
    frame = pl.DataFrame(
        {
            "city": [
                None if missing else city
                for city, missing in zip(cities, rng.random(200) < 0.05, strict=True)
            ],
            "age": [None if age < 25 else age for age in rng.integers(20, 70, 200).tolist()],
            "member": rng.choice([True, False], 200),
        }
    )
    return frame, np.where(cities == "Oslo", "capital", "coast")


def test_text_and_missing_cells_are_learned_from() -> None:
    frame, y = people()
    classifier = ProctorClassifier(trials=3, space="small", max_epochs=20).fit(frame, y)
    assert classifier.score(frame, y) > 0.9
    assert classifier.feature_names_in_.tolist() == ["city", "age", "member"]
    unseen = pl.DataFrame({"city": ["Paris", None], "age": [None, 30], "member": [True, None]})
    np.testing.assert_allclose(classifier.predict_proba(unseen).sum(axis=1), 1, rtol=1e-6)


def test_an_array_of_objects_is_read_as_a_frame_of_types_of_the_same_names() -> None:
    frame, y = people()
    frame = frame.rename({"city": "x0", "age": "x1", "member": "x2"})
    array = np.array(frame.rows(), dtype=object)
    of_frame, of_array = (ProctorClassifier(**QUICK).fit(X, y) for X in (frame, array))
    np.testing.assert_array_equal(of_array.predict_proba(array), of_frame.predict_proba(frame))


def test_columns_without_names_are_those_of_an_array() -> None:
    numbered = NumberedColumns(IRIS.data)
    of_frame, of_array = (ProctorClassifier(**QUICK).fit(X, IRIS.target) for X in (numbered, IRIS.data))
    np.testing.assert_array_equal(of_array.predict_proba(numbered), of_frame.predict_proba(IRIS.data))


def test_numbers_that_count_the_rows_are_learned_from() -> None:
    X = np.arange(100)[:, np.newaxis]
    regressor = ProctorRegressor(trials=3, space="small", max_epochs=60).fit(X, 5.0 * X[:, 0])
    assert regressor.score(X, 5.0 * X[:, 0]) > 0.9


def test_what_columns_hold_can_be_said() -> None:
    """A column of groups decides who is in the dev set, and is not learned from."""
    X = np.column_stack([np.random.default_rng(0).normal(size=60), np.arange(60) % 6])
    classifier = ProctorClassifier(**QUICK, columns={"x1": "group"}).fit(X, X[:, 0] > 0)
    assert [column.name for column in classifier.model_.description.columns] == ["x0"]
    np.testing.assert_array_equal(classifier.predict_proba(X), classifier.predict_proba(X * [1, 7]))


@pytest.mark.parametrize("folds", [1, 3])
def test_a_regression_predicts_in_the_targets_unit(folds: int) -> None:
    X, y = load_diabetes(return_X_y=True)
    regressor = ProctorRegressor(trials=2, space="small", max_epochs=15, folds=folds).fit(X, 1000 * y)
    assert regressor.score(X, 1000 * y) > 0.3
    assert 40_000 < regressor.dev_figures_["rmse"] < 80_000


def test_a_storage_keeps_the_study_and_each_fit_is_one_of_its_own(tmp_path: Path) -> None:
    url = file_url(tmp_path / "kept.db")
    classifier = ProctorClassifier(**QUICK, storage=url)
    names = {classifier.fit(IRIS.data, IRIS.target).study_name_ for _ in range(2)}
    assert set(optuna.get_all_study_names(url)) == names
    study = optuna.load_study(study_name=classifier.study_name_, storage=url)
    assert study.best_params == classifier.best_hyperparameters_
    won = [trial for trial in study.trials if trial.params == study.best_params]
    assert classifier.dev_figures_["error"] in [trial.value for trial in won]
    assert study.user_attrs["winner"]["dev_analysis"]["n_dev"] > 0


def test_a_fit_holds_a_lease_on_its_study_and_gives_it_back(tmp_path: Path) -> None:
    url = file_url(tmp_path / "kept.db")
    ProctorClassifier(**QUICK, storage=url).fit(IRIS.data, IRIS.target)
    engine = create_engine(url)
    with engine.connect() as connection:
        ((holder, steps),) = connection.execute(select(leases.c.holder, leases.c.steps))
    engine.dispose()
    assert holder is None
    assert steps > QUICK["trials"], "each step is taken under the lease"


def test_without_a_storage_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ProctorClassifier(**QUICK).fit(IRIS.data, IRIS.target)
    assert list(tmp_path.iterdir()) == []


def test_the_winner_leaves_as_a_model_that_predicts_the_same(tmp_path: Path) -> None:
    classifier = ProctorClassifier(**QUICK).fit(IRIS.data, IRIS.target_names[IRIS.target])
    write_model(classifier.model_, tmp_path / "model", replace=False)
    winner = load_winner(tmp_path / "model")
    assert isinstance(winner, WinnerClassifier)
    np.testing.assert_array_equal(winner.predict_proba(IRIS.data), classifier.predict_proba(IRIS.data))


def test_it_can_be_searched_over_as_any_estimator() -> None:
    search = GridSearchCV(ProctorClassifier(**QUICK), {"metric": ["error", "log_loss"]}, cv=2)
    assert search.fit(IRIS.data, IRIS.target).best_score_ > 0.5


def test_all_trials_that_fail_are_an_error_that_says_why() -> None:
    space = {"learning_rate": 1e30, "depth": 2, "optimizer": "sgd"}
    with pytest.raises(ProctorError, match="none of 2 trials is complete; trial 0 failed: diverged"):
        ProctorRegressor(trials=2, space=space, max_epochs=5).fit(IRIS.data, IRIS.data[:, 0])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"trials": 0}, "^trials: expected a whole number of at least 1, got 0"),
        ({"max_epochs": 0}, "^max_epochs: expected a whole number"),
        ({"folds": 51}, "^folds: expected a whole number"),
        (
            {"refit": True},
            "^refit: needs folds: without them the winner is a single model anyway",
        ),
        ({"seed": -1}, "^seed: expected a whole number of at least 0, got -1"),
        ({"workers": -1}, "^workers: expected a whole number"),
        ({"metric": "rmse"}, "^metric: in classification expected one of error"),
        ({"space": "smal"}, "^space: no built-in search space 'smal'; did you mean small"),
        ({"columns": {"x9": "numeric"}}, r"^columns\.x9: no such column"),
        ({"columns": {"x0": "number"}}, r"^columns\.x0\.kind: expected one of numeric"),
        ({"storage": "nowhere"}, "^storage: expected a database URL"),
    ],
)
def test_a_parameter_out_of_its_range_is_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ProctorClassifier(**parameters).fit(IRIS.data, IRIS.target)


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        (csr_array(np.eye(20)), np.arange(20) % 2, TypeError, "sparse data are not supported"),
        (np.zeros((20, 2)), np.arange(20) % 2, ValueError, "got none .x0: constant in the train set; x1"),
        (np.eye(20)[:, :0], np.arange(20) % 2, ValueError, r"0 feature\(s\) \(shape=\(20, 0\)\)"),
        (np.eye(20)[:0], [], ValueError, r"0 sample\(s\)"),
        (np.ones((20, 1)), np.zeros(20), ValueError, "at least two classes, got one class"),
        (np.eye(4), np.arange(4) % 2, ValueError, "at least 5 examples.*got n_samples = 4"),
        (np.ones((20, 1)), np.arange(20.0) / 7, ValueError, "Unknown label type"),
        (np.arange(20.0)[:, np.newaxis], ["a"] * 19 + ["b"], ValueError, "two examples.*one of class 'b'"),
        (np.ones(20), np.arange(20) % 2, ValueError, r"shape \(20,\)\. Reshape your data"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(X: Any, y: Any, error: type[Exception], message: str) -> None:  # noqa: ANN401 (what anybody may pass)
    with pytest.raises(error, match=message):
        ProctorClassifier(**QUICK).fit(X, y)


def test_a_cell_of_another_kind_than_its_column_is_named_with_its_row() -> None:
    frame, y = people()
    classifier = ProctorClassifier(**QUICK).fit(frame, y)
    odd = frame.head(3).with_columns(pl.Series("age", ["30", "old", "40"]))
    with pytest.raises(ValueError, match=r"row 1, .*, column 'age': .* expected a number, got 'old'"):
        classifier.predict(odd)


def test_of_a_table_of_few_values_the_dev_figure_is_the_error_on_new_rows() -> None:
    """Rows that are equal by chance are in both sets; kept together, the dev set would be of another kind."""
    dev_errors, errors = [], []
    for seed in range(4):
        X, y = few_valued(3_000, seed=seed)
        fitted = ProctorClassifier(trials=3, max_epochs=10, space="small", seed=seed).fit(
            X[:2_000], y[:2_000]
        )
        dev_errors.append(fitted.dev_figures_["error"])
        errors.append(1 - fitted.score(X[2_000:], y[2_000:]))
    standard_error = np.sqrt(BEST_ERROR * (1 - BEST_ERROR) / (4 * 400))
    assert abs(np.mean(dev_errors) - BEST_ERROR) < 4 * standard_error
    assert abs(np.mean(errors) - BEST_ERROR) < 4 * standard_error


LABELS = {
    "texts": (np.array(["yes ", " no", "yes"]), ["yes", "no", "yes"]),
    "objects": (np.array(["yes ", "a b"], dtype=object), ["yes", "a b"]),
    "a list": (["\tyes", "no"], ["yes", "no"]),
    "numbers": (np.array([1, 2]), [1, 2]),
    "truth values": (np.array([True, False]), [True, False]),
    "nullable numbers": (NullableColumn(np.array([1, 2]), []), [1, 2]),
}


@pytest.mark.parametrize(("y", "labels"), LABELS.values(), ids=LABELS.keys())
def test_texts_lose_the_spaces_at_their_ends_and_nothing_else_changes(y: Any, labels: list[Any]) -> None:  # noqa: ANN401 (any labels)
    read = class_labels(y)
    assert [type(label) for label in read.tolist()] == [type(label) for label in labels]
    assert read.tolist() == labels


def test_a_missing_label_is_nan() -> None:
    assert np.isnan(class_labels(np.array(["a", NA], dtype=object))[1])


def test_only_labels_that_become_one_are_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    warn_of_merged_labels(["a", "b ", "c "])
    assert not recwarn
    with pytest.warns(
        ProctorWarning, match=r"^classes 'a', 'a ' count as one: spaces at the ends of a name are ignored$"
    ):
        warn_of_merged_labels(["a", "b ", "a "])


@pytest.mark.filterwarnings("ignore::service.errors.ProctorWarning")
def test_merged_labels_are_one_class_that_is_predicted_and_scored() -> None:
    X, species = load_iris(return_X_y=True)
    y = np.array([f"{label}{' ' * (row % 2)}" for row, label in enumerate(species)])
    with pytest.warns(ProctorWarning, match=r"^classes '0', '0 ' count as one"):
        classifier = ProctorClassifier(trials=1, space="small", max_epochs=10).fit(X, y)
    assert classifier.classes_.tolist() == ["0", "1", "2"]
    assert classifier.model_.description.class_names == ("0", "1", "2")
    assert set(classifier.predict(X)) <= {"0", "1", "2"}
    assert classifier.score(X, y) == classifier.score(X, species.astype(str)) > 0.5


@pytest.mark.parametrize("missing", [None, NA, float("nan")])
def test_a_missing_label_is_refused(missing: object) -> None:
    y = np.array(["a", "b", missing] * 10, dtype=object)
    with pytest.raises(ValueError, match="contains NaN"):
        ProctorClassifier().fit(np.eye(30), y)
