"""The console of commands that have standard output to themselves."""

import sys
from io import TextIOWrapper

from rich.console import Console


def screen() -> Console:
    """Return the console of commands that have standard output to themselves: UTF-8, as that of `run` is."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # no locale's encoding has all of R², ± and the blocks
    return Console(width=None if sys.stdout.isatty() else 100)
