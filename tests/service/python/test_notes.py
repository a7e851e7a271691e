"""Python says what the command says, once, at the line that called it."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from service.configuration.data_config import DataConfig
from service.configuration.study_config import StudyConfig
from service.data.checks.data_check import check_data
from service.data.preparation.prepared_data import prepare_data
from service.errors import ProctorWarning
from service.python import estimators, winner_estimator
from service.python.estimators import ProctorClassifier
from service.python.winner_estimator import WinnerClassifier

N = 200


def people() -> tuple[pl.DataFrame, NDArray[np.str_]]:
    """Return examples that a command has much to say of."""
    rng = np.random.default_rng(0)
    y = rng.choice(["no", "yes"], N)
    frame = pl.DataFrame(
        {
            "zip": rng.choice(["01234", "00005", "10000"], N),
            "age": rng.normal(40, 10, N),
            "name": [f"person {row}" for row in range(N)],
            "const": 1.0,
            "shop id": rng.integers(0, 30, N),
            "later": y == "yes",
        }
    )
    return frame, y


def said(call: Callable[[], object]) -> list[str]:
    """Return what Proctor warns of, each at this file's line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert {(it.category, it.filename) for it in caught} <= {(ProctorWarning, __file__)}
    return [str(it.message) for it in caught]


@pytest.fixture(scope="module")
def fitted() -> tuple[ProctorClassifier, list[str]]:
    classifier = ProctorClassifier(trials=1, space="small", max_epochs=3, seed=0)
    return classifier, said(lambda: classifier.fit(*people()))


def test_a_fit_says_what_the_commands_say_of_the_same_data(
    fitted: tuple[ProctorClassifier, list[str]],
    tmp_path: Path,
) -> None:
    _, sentences = fitted
    assert sentences == [
        "column 'zip' is read as categorical: codes: numbers do not begin with 0",
        "column 'name' is read as id: its text is different in every row",
        "column 'const' is left out: constant in the train set",
        (
            "column 'later' predicts the target by itself: 100.0 % of rows right; "
            'if it is known only after the target, columns={"later": "ignore"}'
        ),
        (
            "column 'shop id' has 30 values in 200 rows, like names of persons or shops; "
            'if you will predict for new ones, columns={"shop id": "group"}'
        ),
        (
            "with 40 dev examples, an error of 10 % is known to ± 9.3 %; most choices differ by less; "
            "folds=5 evaluates each trial on all 200 known examples, in turn"
        ),
    ]
    frame, y = people()
    path = tmp_path / "people.csv"
    frame.with_columns(y=y).write_csv(path)
    config = StudyConfig.model_validate(
        {"name": "people", "data": DataConfig(table=str(path), target="y"), "split": {"no_test": True}}
    )
    commands = [*prepare_data(config).notes, *(it.sentence for it in check_data(config).warnings)]
    missing = [each for each in commands if not any(each in sentence for sentence in sentences)]
    assert missing == ["is not learned from: its text is different in every row"]  # said of 'name' already


def test_a_prediction_says_what_the_train_set_did_not_have_and_changes_nothing(
    fitted: tuple[ProctorClassifier, list[str]],
) -> None:
    classifier, _ = fitted
    frame, _ = people()
    odd = frame.head(4).with_columns(
        pl.col("zip").cast(pl.Int64), age=pl.Series([None, 1.0, 2.0, None]), later=pl.lit(value=True)
    )
    before = dict(vars(classifier))
    winner = WinnerClassifier(classifier.model_)
    first = said(lambda: classifier.predict(odd))
    assert first[1:] == [
        "missing cells in columns that have none in the train set: 'age' in 2 rows",
        (
            "column 'zip' holds numbers, where the train set has codes such as '01234': keep them as text"
            " (pandas reads them so with dtype=str)"
        ),
    ]
    assert first[0].startswith("categories that the train set does not have: 'zip' in ")
    assert said(lambda: classifier.predict_proba(odd)) == first
    assert said(lambda: winner.predict(odd)) == first
    for estimator in (classifier, winner):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            counts = estimator.check_rows(odd)
        assert list(counts.sentences) == first
        assert (counts.n_missing, counts.n_unread) == ({"age": 2}, {})
    assert vars(classifier) == before
    assert said(lambda: classifier.predict(frame)) == []


def test_cells_that_cannot_be_read_are_counted_where_the_first_is_refused(
    fitted: tuple[ProctorClassifier, list[str]],
) -> None:
    classifier, _ = fitted
    odd = people()[0].head(3).with_columns(age=pl.Series(["1", "old", "older"]))
    assert classifier.check_rows(odd).n_unread == {"age": 2}
    with pytest.raises(ValueError, match=r"row 1, .*got 'old'.*; cells that do not fit .*: 'age' in 2 rows$"):
        classifier.predict(odd)


def test_the_warning_stands_beside_the_estimators() -> None:
    assert estimators.ProctorWarning is winner_estimator.ProctorWarning is ProctorWarning
    assert issubclass(ProctorWarning, UserWarning)
