"""Warnings to Python's users: each sentence a `ProctorWarning` at the line of their call."""

import sys
import warnings

from service.errors import ProctorWarning

_ROOM = "service.python"


def warn(*sentences: str) -> None:
    """Warn of each, at the line that called into Proctor."""
    level, frame = 1, sys._getframe()  # noqa: SLF001 (`skip_file_prefixes` comes with Python 3.12)
    while frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith(_ROOM):
        level, frame = level + 1, frame.f_back
    for sentence in sentences:
        warnings.warn(sentence, ProctorWarning, stacklevel=level)
