"""A working directory of one thread's own, for as long as the thread lives: elsewhere it is the process's."""

import ctypes
import sys
from functools import cache
from threading import Thread

_CLONE_FS = 0x200
"""Of `unshare`: working directory, root and file mode mask (linux/sched.h)."""


def take_own_directory() -> bool:
    """Let the calling thread change its directory alone, and those that it starts; tell whether it may.

    Only Linux has that, and containers may refuse it.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    return bool(library.unshare(_CLONE_FS) == 0)


@cache
def threads_may_have_own() -> bool:
    """Tell whether a thread of this process may have a directory of its own."""
    answers: list[bool] = []
    asking = Thread(target=lambda: answers.append(take_own_directory()), name="own directory?")
    asking.start()
    asking.join()
    return answers == [True]
