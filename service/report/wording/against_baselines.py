"""What the test rows show of the network beside simpler models: the paired differences, in words."""

from collections.abc import Iterator, Sequence

from service.report.facts.paired_difference import Difference, Verdict
from service.report.facts.study_report import TestFigures
from service.report.wording.numbers import size_text
from workers.metrics import Metric


def against_baselines(test: TestFigures, metric: Metric) -> Iterator[str]:
    """Yield a line for each simpler model, the strongest kind first, without a full stop.

    Parameters
    ----------
    test
        What the opening showed.
    metric
        What is told.
    """
    for name, by_metric in reversed(test.differences.items()):
        yield against(name, by_metric[metric], metric)


def verdict_sentences(test: TestFigures, metric: Metric) -> str:
    """Say in short which simpler models the network beats, and which it does not."""
    by_verdict: dict[Verdict, list[str]] = {}
    for name, by_metric in reversed(test.differences.items()):
        by_verdict.setdefault(by_metric[metric].verdict, []).append(f"the {name}")
    return " ".join(
        words.format(_any_of(by_verdict[verdict], "or" if verdict is Verdict.NO_DIFFERENCE else "and"))
        for verdict, words in _SENTENCES.items()
        if verdict in by_verdict
    )


_SENTENCES = {
    Verdict.BETTER: "The network is significantly better than {}.",
    Verdict.WORSE: "The network is significantly worse than {}.",
    Verdict.NO_DIFFERENCE: "The network is not significantly different from {}.",
    Verdict.UNKNOWN: "These rows give no interval of the difference from {}.",
}


def against(name: str, found: Difference, metric: Metric) -> str:
    """Say what can be said of the network beside one model."""
    gain = -metric.badness(found.value)
    size = size_text(metric, abs(gain))
    if found.verdict in (Verdict.BETTER, Verdict.WORSE):
        ends = _ends(found, metric, sign=-1 if found.verdict is Verdict.BETTER else 1)
        return f"{found.verdict} than the {name} by {size} ({ends})"
    seems = "the same figure" if gain == 0 else f"{size} {'better' if gain > 0 else 'worse'}"
    if found.verdict is Verdict.UNKNOWN:
        return f"beside the {name}: {seems} ({found.method})"
    return f"not significantly different from the {name}: {seems} ({_both_sides(found, metric)})"


def gain_ends(found: Difference, metric: Metric) -> str:
    """Return the interval's ends as gains, of the network over the other model."""
    return _ends(found, metric, sign=-1)


def _any_of(names: Sequence[str], word: str) -> str:
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def _both_sides(found: Difference, metric: Metric) -> str:
    """Return the ends of an interval that holds 0, each with the side that it is on."""
    if found.interval is None:
        return "-"
    low, high = sorted(-metric.badness(end) for end in found.interval)
    return f"{size_text(metric, -low)} worse to {size_text(metric, high)} better"


def _ends(found: Difference, metric: Metric, *, sign: int) -> str:
    if found.interval is None:
        return "-"
    low, high = sorted(sign * metric.badness(end) for end in found.interval)
    return f"{size_text(metric, low).removesuffix(' points')} to {size_text(metric, high)}"
