"""TOML as text: values as they stand in it, and the line of a key, which the parser does not say."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import reduce

from service.tables.said_column import toml_key

_ERROR_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_ERROR_AT_END = " (at end of document)"

Key = str | int
"""A table's key, or an index into a list."""


def line_of_key(text: str, path: Sequence[Key]) -> int | None:
    """Return the line, counted from 1, on which the value at `path` is complete; None for the whole text.

    A path that leads nowhere is shortened until it leads to something: a missing key stands where its table
    does. The text's growing prefixes are parsed until one has the path, which spares a second parser; that
    is quadratic in the lines, and only done to say where an error is.
    """
    lines = text.split("\n")
    prefixes = ["\n".join(lines[:end]) for end in range(1, len(lines) + 1)]
    documents = list(enumerate(map(_parsed, prefixes), start=1))
    for length in range(len(path), 0, -1):
        for number, document in documents:
            if reduce(_entry, path[:length], document) is not None:
                return number
    return None


def line_and_reason(error: ValueError, text: str) -> tuple[int, str]:
    """Tell the line, counted from 1, from the parser's words about what is wrong there."""
    message = str(error)
    if message.endswith(_ERROR_AT_END):
        return len(text.rstrip("\n").split("\n")), message.removesuffix(_ERROR_AT_END)
    match = _ERROR_LINE.search(message)
    return (int(match[1]), message[: match.start()]) if match else (1, message)


def _parsed(text: str) -> object | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None  # ends within a value of several lines


def _entry(document: object, key: Key) -> object | None:
    """Step into a table or a list; None where there is no such entry (TOML itself has no None)."""
    if isinstance(document, list):
        return document[key] if isinstance(key, int) and key < len(document) else None
    return document.get(key) if isinstance(document, dict) else None


def toml_value(value: object) -> str:
    """Write a value in one line: text, a number, true or false, a list, or a table of them."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{toml_key(key)} = {toml_value(of)}' for key, of in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    # JSON's text and numbers are TOML's, but for one character that JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
