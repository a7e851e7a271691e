"""What scikit-learn asks of estimators: a hundred checks of its own, each of which fits studies."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from service.python.estimators import ProctorClassifier, ProctorRegressor

pytestmark = pytest.mark.filterwarnings("ignore::service.errors.ProctorWarning")  # of small dev sets


@parametrize_with_checks(  # type: ignore[untyped-decorator] # scikit-learn has no annotations
    [
        ProctorClassifier(trials=2, space="small", max_epochs=10),
        ProctorRegressor(trials=2, space="small", max_epochs=10),
    ]
)
def test_scikit_learns_own_checks_pass(estimator: Any, check: Any) -> None:  # noqa: ANN401 (scikit-learn's)
    check(estimator)
