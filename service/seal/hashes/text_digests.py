"""128-bit digests of texts, by the value that a text writes down."""

import re
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]00:?00)?")


def text_digests(texts: Iterable[str], *, key: bytes) -> NDArray[np.uint64]:
    """Return BLAKE2b digests of texts in their plain form (see `plain_text`), shape (n_texts, 2).

    Parameters
    ----------
    texts
        Best each of them once: this is a loop in Python.
    key
        Up to 64 bytes; another key gives digests that have nothing to do with these.
    """
    start = blake2b(digest_size=16, key=key)
    digests = bytearray()
    for text in texts:
        digest = start.copy()
        digest.update(plain_text(text).encode())
        digests += digest.digest()
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64).reshape(-1, 2)


def plain_text(text: str) -> str:
    """Return the one spelling of what several texts mean; `text` has no spaces at its ends.

    `True` and `TRUE` are "true", and likewise "false". A date with a time of day has a T between them, its
    seconds, no zeros at its fraction's end, and Z for UTC; midnight is the date alone, as dates are often
    stored with a time that means nothing. All other texts are what they are.
    """
    if text[:1] in "tTfF":
        lower = text.lower()
        return lower if lower in {"true", "false"} else text
    instant = _INSTANT.fullmatch(text) if text[4:5] == "-" else None
    if instant is None:
        return text
    date, minutes, seconds, fraction, zone = instant.groups(default="")
    fraction = fraction.rstrip("0")
    clock = f"{minutes}:{seconds or '00'}" + (fraction and f".{fraction}") + (zone and "Z")
    return date if clock == "00:00:00" else f"{date}T{clock}"
