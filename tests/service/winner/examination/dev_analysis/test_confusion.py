"""The confusion of classes: counted by true class, then by the one that was named."""

import numpy as np
from sklearn.metrics import confusion_matrix

from service.winner.examination.dev_analysis.calibration import confusion_of
from tests.service.winner.examination.dev_analysis.predicted import named


def test_it_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, taken_for = rng.integers(4, size=(2, 300)).tolist()
    found = confusion_of(named(y, taken_for, "abcd"))
    assert found.classes == ("a", "b", "c", "d")
    assert np.array_equal(found.counts, confusion_matrix(y, taken_for))
    assert found.n_left_out == 0


def test_a_class_that_the_dev_set_lacks_has_its_row() -> None:
    found = confusion_of(named([0, 0, 2], [0, 1, 2]))
    assert found.counts == ((1, 1, 0), (0, 0, 0), (0, 0, 1))


def test_of_many_classes_the_most_frequent_are_shown_and_the_rest_is_counted() -> None:
    y = [0, 1, 1, 1, 2, 2, 3]
    taken_for = [0, 1, 1, 2, 2, 3, 1]
    found = confusion_of(named(y, taken_for, "abcd"), most_classes=2)
    assert found.classes == ("b", "c")
    assert found.counts == ((2, 1), (0, 1))
    assert found.n_left_out == 3
    assert sum(map(sum, found.counts)) + found.n_left_out == len(y)


def test_no_more_than_20_classes_are_shown() -> None:
    many = list(range(30)) * 2
    assert len(confusion_of(named(many, many, [f"class {index}" for index in range(30)])).classes) == 20
