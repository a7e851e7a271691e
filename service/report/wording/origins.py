"""Where points came from, in words."""

from service.report.facts.search_facts import DEFAULT, SAMPLER, USER

_POINTS = {SAMPLER: "of the sampler", DEFAULT: "of default values", USER: "enqueued by hand"}


def origin_text(origin: str) -> str:
    """Return where points came from in words."""
    return _POINTS.get(origin, f"from {origin}")
