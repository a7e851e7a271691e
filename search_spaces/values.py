"""The plain values that hyperparameters take wherever they are written: in TOML, in JSON, in storage."""

import json
from math import isfinite
from typing import Annotated

from pydantic import BeforeValidator, Strict


def _plain_value(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"expected a number or text, got {found(value)}")  # noqa: TRY004 - pydantic's contract
    if isinstance(value, float) and not isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    return value


Value = Annotated[int | float | str, BeforeValidator(_plain_value)]
"""A number or a word; never true or false, which Python would take for 1 or 0."""

Number = Annotated[float, Strict()]
"""A number, whole or not; text and true or false are refused."""

WholeNumber = Annotated[int, Strict()]
"""A whole number; 3.0, text and true or false are refused."""

YesNo = Annotated[bool, Strict()]
"""true or false; neither 1 nor "yes"."""


def found(value: object) -> str:
    """Show a wrong value in an error: as it is written in TOML, and never longer than a few words."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
