"""Results that are made ahead keep their order."""

import time
from collections.abc import Iterator

import pytest

from service.errors import BadInputError
from service.tables.results_in_order import N_AHEAD, results_in_order


def test_results_keep_their_order_and_few_items_are_taken_ahead() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(20):
            taken += 1
            yield item

    def slow_at_first(item: int) -> int:
        time.sleep(0.01 / (item + 1))
        return item**2

    for number, result in enumerate(results_in_order(slow_at_first, items())):
        assert result == number**2
        assert taken <= number + 1 + N_AHEAD
    assert taken == 20


def test_a_failing_item_comes_after_the_results_before_it() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        raise BadInputError("the file is cut off")

    results = results_in_order(float, items())
    assert [next(results), next(results)] == [1.0, 2.0]
    with pytest.raises(BadInputError, match="cut off"):
        next(results)


def test_the_first_of_two_failures_is_raised() -> None:
    def refuse(item: int) -> None:
        time.sleep(0.02 if item == 0 else 0)
        raise BadInputError(f"item {item}")

    with pytest.raises(BadInputError, match="item 0"):
        list(results_in_order(refuse, iter(range(3))))
