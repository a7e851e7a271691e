"""What makes a sentence of words that stand elsewhere too."""


def capitalized(text: str) -> str:
    """Return a text with a capital letter at its beginning; all others stay as they are."""
    return f"{text[:1].upper()}{text[1:]}"
