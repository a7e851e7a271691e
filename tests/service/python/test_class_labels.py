"""Labels are named as the command names classes: spaces at the ends of a text are no part of it."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris

from service.errors import ProctorWarning
from service.python.class_labels import class_labels, warn_of_merged_labels
from service.python.estimators import ProctorClassifier
from tests.service.python.foreign_columns import NA, NullableColumn

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
