"""A contest of kinds of model in words: a table's cells, and what to use in a sentence."""

from collections.abc import Sequence

from service.configuration.model_config import model_noun
from service.report.facts.comparison import Difference, Verdict
from service.report.facts.contest_facts import Contest, ContestLine
from service.report.wording.numbers import duration_text, mean_text, metric_name, size_text
from workers.metrics.metric import Metric

CAPTION = "dev figures, which all winners were selected by; the best kind's winner alone takes the test"


def contest_headings(metric: Metric) -> tuple[str, ...]:
    """Return a heading for each of `contest_cells`."""
    figure = f"dev {metric_name(metric)} ± s.e."
    return "kind", "study", figure, "behind the best (95 %)", "verdict", "trials", "training"


def contest_cells(line: ContestLine, contest: Contest, metric: Metric) -> tuple[str, ...]:
    """Return a kind's row: the name of its kind, of its study, and the figures."""
    figure = "-" if line.dev_metric is None else mean_text(metric, line.dev_metric, line.standard_error)
    return (
        line.kind,
        line.study or "-",
        figure,
        _behind(line.difference, metric),
        _verdict(line, contest),
        f"{line.trials:,}",
        duration_text(line.training_seconds),
    )


def _behind(found: Difference | None, metric: Metric) -> str:
    """Say by how much a kind is behind the best, with the interval."""
    if found is None:
        return "-"
    behind = _signed(metric, metric.badness(found.value))
    if found.interval is None:
        return behind
    ends = (_signed(metric, end) for end in sorted(map(metric.badness, found.interval)))
    low, high = (end.removesuffix(" points") for end in ends)
    return f"{behind} ({low} to {high})"


def _verdict(line: ContestLine, contest: Contest) -> str:
    if contest.best == line.kind:
        return "the best"
    if line.difference is not None:
        return _VERDICTS[line.difference.verdict]
    return "-" if contest.best is None else "no winner"


_VERDICTS = {
    Verdict.BETTER: "better",
    Verdict.WORSE: "clearly worse",
    Verdict.NO_DIFFERENCE: "no clear difference",
    Verdict.UNKNOWN: "unknown",
}


def _signed(metric: Metric, size: float) -> str:
    return ("-" if size < 0 else "") + size_text(metric, abs(size))


def recommendation(contest: Contest, metric: Metric) -> str | None:
    """Say which kind to use, and why; None while that is open."""
    if contest.best is None or contest.recommended is None:
        return None
    best, used = _the(contest.best), _the(contest.recommended)
    if contest.recommended != contest.best:
        level = "" if len(contest.level) == 2 else f" ({_all_of(contest.level)})"
        return (
            f"Use {used}: it is the simplest of the kinds that are level on the dev set{level}, where {best}"
            f" has the best figure but is not clearly better. {_most_behind(contest, metric)}"
        )
    others = [line for line in contest.kinds if line.difference is not None]
    if len(contest.level) > 1:
        level = _all_of(contest.level[1:])
        shows = "shows" if len(contest.level) == 2 else "show"
        return (
            f"Use {used}: it has the best dev figure, and is simpler than {level}, which {shows} no clear"
            " difference from it."
        )
    if unknown := [line.kind for line in others if _is_unknown(line.difference)]:
        ahead = f"how far it is ahead of {_all_of(unknown)} is unknown"
        return f"Use {used}: it has the best dev figure, though {ahead}."
    if not others:
        return f"Use {used}: no other kind has a winner."
    return f"Use {used}: it is clearly better on the dev set than {_all_of([line.kind for line in others])}."


def _most_behind(contest: Contest, metric: Metric) -> str:
    """Say what the simplest of the level kinds may cost: that nothing is clear is no proof of nothing."""
    (used,) = (line for line in contest.kinds if line.kind == contest.recommended)
    interval = None if used.difference is None else used.difference.interval
    if interval is None:
        return "How far it is behind is unknown."
    return f"It may be up to {size_text(metric, max(map(metric.badness, interval)))} behind."


def _is_unknown(found: Difference | None) -> bool:
    return found is not None and found.verdict is Verdict.UNKNOWN


def _the(kind: str) -> str:
    noun = model_noun(kind)
    return f"the {noun}" if noun != "model" else f"the model {kind}"


def _all_of(kinds: Sequence[str]) -> str:
    *first, last = map(_the, kinds)
    return f"{', '.join(first)} and {last}" if first else last
