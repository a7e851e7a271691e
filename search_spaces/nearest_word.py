"""The right word nearest to a slip of the keyboard."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_word(word: str, words: Iterable[str]) -> str | None:
    """Of `words` the one most like `word`, or None where none is alike."""
    by_lower_case = {candidate.lower(): candidate for candidate in words}
    alike = get_close_matches(word.lower(), by_lower_case, n=1)
    return by_lower_case[alike[0]] if alike else None


def hint(word: str, words: Iterable[str]) -> str:
    """Say how to go on after the wrong `word`: the nearest right one, else all of them."""
    words = tuple(words)
    nearest = nearest_word(word, words)
    return f"did you mean {nearest}?" if nearest is not None else f"expected one of {', '.join(words)}"
