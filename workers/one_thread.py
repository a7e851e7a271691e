"""One thread for libraries that would take several: the same sums on every machine."""

import sys
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Limit the libraries that are loaded by now to one thread, for as long as a block runs.

    To find them takes milliseconds, so that is done once; and again where modules have been imported since,
    as hardly anything else loads a library.
    """
    limited: AbstractContextManager[Any] = _libraries(len(sys.modules)).limit(limits=1)
    return limited


@lru_cache(maxsize=1)
def _libraries(n_modules: int) -> ThreadpoolController:  # noqa: ARG001 (what is remembered goes by it)
    return ThreadpoolController()
