"""The network against PyTorch's figures as `tests.workers.pytorch_reference --record` wrote them.

`--check` makes the same comparison with a PyTorch that is there.
"""

from dataclasses import replace

import numpy as np
import pytest

from search_spaces.network.point import Optimizer
from tests.workers.agreement_cases import CASES
from tests.workers.pytorch_reference import TOLERANCES, recorded
from tests.workers.training_trace import disagreements, proctor_trace

RECORDED = recorded()


def test_what_is_recorded_is_every_case_and_no_other() -> None:
    types = {dtype.__name__ for dtype in TOLERANCES}

    assert {name: set(by_type) for name, by_type in RECORDED.items()} == dict.fromkeys(CASES, types)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", CASES)
def test_100_steps_agree_with_pytorch(name: str, dtype: type[np.floating]) -> None:
    """Predictions, gradient, losses, parameters and dev predictions, each relative to its own size."""
    errors = disagreements(proctor_trace(CASES[name], dtype), RECORDED[name][dtype.__name__])

    assert max(errors.values()) <= TOLERANCES[dtype], errors


def test_every_optimizer_has_a_case() -> None:
    assert {case.hyperparameters.optimizer for case in CASES.values()} == set(Optimizer)


def test_a_difference_of_a_thousandth_in_a_hyperparameter_would_show() -> None:
    """What the comparison can see, and so what its agreement means."""
    case = CASES["momentum"]
    rate = case.hyperparameters.learning_rate * 1.001
    other = replace(case, hyperparameters=case.hyperparameters.model_copy(update={"learning_rate": rate}))

    errors = disagreements(proctor_trace(other, np.float64), RECORDED["momentum"]["float64"])

    assert errors["parameters"] > 1e3 * TOLERANCES[np.float64]
