"""A study in one line of Python, on Ray's workers."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris

from service.python.estimators import ProctorClassifier

pytestmark = pytest.mark.filterwarnings("ignore::service.errors.ProctorWarning")  # of small dev sets


def test_workers_change_nothing_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    X, y = load_iris(return_X_y=True)
    alone = ProctorClassifier(trials=2, space="small", max_epochs=5).fit(X, y)
    together = clone(alone).set_params(workers=2).fit(X, y)
    np.testing.assert_array_equal(together.predict_proba(X), alone.predict_proba(X))
    assert together.dev_figures_ == alone.dev_figures_
    assert capfd.readouterr() == ("", "")
