"""What docstrings state, without what they say to programmers."""

import inspect
import re

_SECTION = re.compile(r"\n\n[A-Z][a-z]+\n-+\n")
_INSTRUCTION = re.compile(r"^(?:Return|Overwrite [A-Z] with) (.)")


def stated(described: object) -> str:
    """Return a docstring before its sections, "Return the mean of" as "The mean of"."""
    text = _SECTION.split(inspect.getdoc(described) or "")[0].strip()
    return _INSTRUCTION.sub(lambda found: found[1].upper() if text.startswith("Return") else found[1], text)
