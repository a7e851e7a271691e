"""How a search went, in words: where its points came from, trials of other tools, and those set aside."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby

from service.report.facts.search_facts import DEFAULT, SAMPLER, USER, ForeignFact

_POINTS = {SAMPLER: "of the sampler", DEFAULT: "of default values", USER: "enqueued by hand"}


def origin_text(origin: str) -> str:
    """Return where points came from in words."""
    return _POINTS.get(origin, f"from {origin}")


_MOST_LINES = 5


def foreign_lines(facts: Sequence[ForeignFact]) -> list[str]:
    """Return lines on the trials of other tools.

    Parameters
    ----------
    facts
        By number.
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for fact in facts:
        alike[f"({fact.state}) {{}} {fact.deed}: {fact.consequence}"].append(fact.trial)
    lines = [
        f"{'trial' if len(numbers) == 1 else 'trials'} {ranges_text(numbers)} "
        + line.replace("{}", "was" if len(numbers) == 1 else "were", 1)
        for line, numbers in alike.items()
    ]
    n_more = len(lines) - _MOST_LINES
    return (
        lines
        if n_more <= 0
        else [*lines[:_MOST_LINES], f"and further trials of other tools ({n_more} more lines)"]
    )


def set_aside_lines(reasons: Mapping[int, str]) -> list[str]:
    """Return a line for the trials that were set aside for the same reason.

    Parameters
    ----------
    reasons
        Why, by number, ascending; empty where no reason was given.
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for number, reason in reasons.items():
        alike[reason].append(number)
    return [
        f"set aside by hand, neither ranked nor chosen: {'trial' if len(numbers) == 1 else 'trials'}"
        f" {ranges_text(numbers)} ({reason or 'no reason given'})"
        for reason, numbers in alike.items()
    ]


def ranges_text(numbers: Sequence[int]) -> str:
    """Return ascending numbers in words: `3`, `3 and 5`, `3, 5 and 8 to 12`."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(
            enumerate(numbers), key=lambda place_and_number: place_and_number[1] - place_and_number[0]
        )
    ]
    words = [f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
