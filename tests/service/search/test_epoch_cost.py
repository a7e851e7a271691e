"""An epoch costs more with more of anything, and always something."""

import pytest

from search_spaces.hyperparameters import Hyperparameters
from service.search.epoch_cost import epoch_cost
from tests.service.search.studies import two_moons

PLAIN = Hyperparameters(width=32, depth=2, batch_size=16)


@pytest.mark.parametrize(
    "change",
    [{"width": 64}, {"depth": 3}, {"batch_size": 8}, {"width_1": 128}],
    ids=str,
)
def test_more_work_costs_more(change: dict[str, int]) -> None:
    more = Hyperparameters.model_validate(PLAIN.model_dump() | change)
    assert epoch_cost(more, two_moons()) > epoch_cost(PLAIN, two_moons()) > 0


def test_more_examples_cost_more() -> None:
    assert epoch_cost(PLAIN, two_moons(600, 40)) > epoch_cost(PLAIN, two_moons(60, 40))
    assert epoch_cost(PLAIN, two_moons(60, 4000)) > epoch_cost(PLAIN, two_moons(60, 40))
