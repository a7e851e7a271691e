"""The kernel keeps the limit while the block is there, and no longer."""

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from workers.pools.memory_limit import memory_limit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no other system keeps such a limit")

N_LIMIT, N_LARGE = 50_000_000, 200_000_000


@pytest.fixture(autouse=True)
def nothing_is_left_limited() -> Iterator[None]:
    yield
    np.empty(N_LARGE, np.uint8)


def test_more_memory_than_the_limit_is_refused_and_less_is_given() -> None:
    with memory_limit(N_LIMIT):
        np.empty(N_LIMIT // 2, np.uint8)
        with pytest.raises(MemoryError, match="Unable to allocate"):
            np.empty(N_LARGE, np.uint8)


def test_what_the_process_has_already_does_not_count() -> None:
    before = np.ones(N_LARGE, np.uint8)
    with memory_limit(N_LIMIT):
        np.empty(N_LIMIT // 2, np.uint8)
    assert before[-1] == 1


def test_the_limit_is_lifted_where_the_block_is_left_by_an_error() -> None:
    with pytest.raises(MemoryError, match="Unable to allocate"), memory_limit(N_LIMIT):
        np.empty(N_LARGE, np.uint8)


def test_no_limit_refuses_nothing() -> None:
    with memory_limit(None):
        np.empty(N_LARGE, np.uint8)
