"""What kinds of model are called in sentences."""

_NOUNS = {"network": "network", "boosting": "boosting model", "linear": "linear model"}


def model_noun(kind: str) -> str:
    """Return the noun for a kind of model, to stand after an article; `model` of one's own kind."""
    return _NOUNS.get(kind, "model")
