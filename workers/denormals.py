"""Numbers too small to be normal, below 1.2e-38 in float32: treated as 0 while a model trains and predicts.

Weights of dead units decay into that range, with their moments, and stay there, as what would make them
smaller still rounds to nothing. They mean no more than 0, and some processors take ten times as long for
them.
"""

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager

_N_WORDS = 8
_MXCSR = 7
"""Of glibc's `fenv_t` on x86-64, 32-bit words: the one with the vector unit's control register."""

_FLUSH_TO_ZERO, _DENORMALS_ARE_ZERO = 1 << 15, 1 << 6
"""Bits of that register: results, and operands (Intel 64 manual, volume 1, section 10.2.3)."""

_Environment = ctypes.c_uint32 * _N_WORDS


def _c_library() -> ctypes.CDLL | None:
    """Return what sets the floating-point environment, where its layout is the one that is known here."""
    if platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        return None
    return ctypes.CDLL("libm.so.6")


_LIBRARY = _c_library()
IS_KNOWN_HOW = _LIBRARY is not None
"""Whether this machine can be told; elsewhere `denormals_as_zero` changes nothing."""


@contextmanager
def denormals_as_zero() -> Iterator[None]:
    """Take denormal numbers for 0 in this thread, as operands and as results, for as long as the block runs.

    On Linux on x86-64, where they are slowest; elsewhere nothing changes.
    """
    if _LIBRARY is None:
        yield
        return
    before = _Environment()
    _LIBRARY.fegetenv(ctypes.byref(before))
    within = _Environment(*before)
    within[_MXCSR] |= _FLUSH_TO_ZERO | _DENORMALS_ARE_ZERO
    _LIBRARY.fesetenv(ctypes.byref(within))
    try:
        yield
    finally:
        _LIBRARY.fesetenv(ctypes.byref(before))
