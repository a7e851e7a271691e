"""Values as they stand in a TOML file."""

import json
from collections.abc import Mapping


def toml_value(value: object) -> str:
    """Write a value in one line: text, a number, true or false, a list, or a table of them."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{toml_key(key)} = {toml_value(of)}' for key, of in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    # JSON's text and numbers are TOML's, but for one character that JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_key(key: str) -> str:
    """Write a key, in quotes where it is no plain word."""
    is_plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if is_plain else toml_value(key)
