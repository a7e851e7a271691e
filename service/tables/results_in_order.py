"""A function's results for one item after another, made in threads, a few ahead of whoever takes them."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from service.errors import BadInputError

N_AHEAD = 2
"""Items that are worked on at once: one is checked while Polars, in threads of its own, parses another."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def results_in_order(function: Callable[[Item], Result], items: Iterator[Item]) -> Iterator[Result]:
    """Yield the function's result for each item, from threads; no more than a few are in memory.

    Raises
    ------
    BadInputError
        An item or its result raises it; what came before is yielded first.
    """
    waiting: deque[Future[Result]] = deque()
    failure = None
    with ThreadPoolExecutor(N_AHEAD) as pool:
        while failure is None:
            try:
                waiting.append(pool.submit(function, next(items)))
            except StopIteration:
                break
            except BadInputError as error:
                failure = error
            if len(waiting) > N_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    if failure is not None:
        raise failure
