"""The test figure in words: learned at all, better than simpler models, overfitted, and the looks at the set.

Earlier looks are named before anything is run. Where a search went on after a look, the words say what that
means for the figures.
"""

from collections.abc import Iterator, Mapping, Sequence

from search_spaces.counted import counted
from service.configuration.model_config import model_noun
from service.report.facts.comparison import Difference, Verdict
from service.report.facts.final_facts import EarlierLooks, Overfitting, SearchAfterLook, TestFigures
from service.report.facts.study_report import StudyReport
from service.report.wording.numbers import metric_name, metric_text, size_text
from workers.metrics.metric import Metric

NOTHING_LEARNED = "No evidence of learning"

_CONSTANTS = {
    "majority class": "always predicting the most frequent class",
    "mean": "always predicting the mean",
}


def nothing_learned_text(report: StudyReport) -> str | None:
    """Say that the winner is not better than a constant beyond chance; None where it is, or nobody knows."""
    learned, metric = report.learned, report.metric
    if learned is None or learned.is_beyond_chance:
        return None
    than = _CONSTANTS.get(learned.constant, f"the {learned.constant}")
    by, side = size_text(metric, abs(learned.gain)), "better" if learned.gain > 0 else "worse"
    told = f"the {model_noun(report.model)} is not shown to be better than {than}"
    told += f" ({learned.examples} {metric_name(metric)} {by} {side}, ± {size_text(metric, learned.margin)}"
    if learned.gain > 0 and learned.flattery > 0:
        told += f"; selection on these rows accounts for {size_text(metric, learned.flattery)}"
    return f"{told})"


def against_baselines(test: TestFigures, metric: Metric) -> Iterator[str]:
    """Yield a line for each simpler model, the strongest kind first, without a full stop.

    Parameters
    ----------
    test
        What the opening showed.
    metric
        The metric that is reported.
    """
    for name, by_metric in reversed(test.differences.items()):
        yield against(name, by_metric[metric], metric)


def verdict_sentences(test: TestFigures, metric: Metric, *, noun: str, with_figures: bool = False) -> str:
    """Say in short which simpler models the winner beats, and which it does not.

    Parameters
    ----------
    test
        What the opening showed.
    metric
        What is compared.
    noun
        What the winner is.
    with_figures
        Whether each model's figure on the same rows stands beside its name.
    """
    by_verdict: dict[Verdict, list[str]] = {}
    for name, by_metric in reversed(test.differences.items()):
        figure = f" ({metric_text(metric, test.models[name][metric])})" if with_figures else ""
        by_verdict.setdefault(by_metric[metric].verdict, []).append(f"the {name}{figure}")
    return " ".join(
        words.format(
            _any_of(named, "or" if verdict is Verdict.NO_DIFFERENCE else "and"),
            noun=noun,
            include="intervals include" if len(named) > 1 else "interval includes",
        )
        for verdict, words in _SENTENCES.items()
        if (named := by_verdict.get(verdict))
    )


_SENTENCES = {
    Verdict.BETTER: "The {noun} is significantly better than {}.",
    Verdict.WORSE: "The {noun} is significantly worse than {}.",
    Verdict.NO_DIFFERENCE: "No clear difference from {}: the {include} 0.",
    Verdict.UNKNOWN: "These rows give no interval for the difference from {}.",
}


def against(name: str, found: Difference, metric: Metric) -> str:
    """Say what can be said of the winner beside one model."""
    gain = -metric.badness(found.value)
    size = size_text(metric, abs(gain))
    if found.verdict in (Verdict.BETTER, Verdict.WORSE):
        ends = _ends(found, metric, sign=-1 if found.verdict is Verdict.BETTER else 1)
        return f"{found.verdict} than the {name} by {size} ({ends})"
    seems = "the same figure" if gain == 0 else f"{size} {'better' if gain > 0 else 'worse'}"
    if found.verdict is Verdict.UNKNOWN:
        return f"compared with the {name}: {seems} ({found.method})"
    return f"no clear difference from the {name}: {seems} ({_both_sides(found, metric)}, which includes 0)"


def gain_ends(found: Difference, metric: Metric) -> str:
    """Return the interval's ends as gains, of the winner over the other model."""
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


def overfitting_text(found: Overfitting, metric: Metric) -> str:
    """Say how much worse the winner did than on dev, beside what selection was expected to cost."""
    than_dev = "worse" if found.size > 0 else "better"
    size = f"{size_text(metric, abs(found.size))} ± {size_text(metric, 2 * found.standard_error)}"
    expected, cause = "", "chance explains"
    if found.foretold is not None:
        expected = f"; selecting on dev was expected to cost {size_text(metric, max(found.foretold, 0.0))}"
        cause = "selection and chance explain"
    clear = f"; that is more than {cause}: the search overfitted the dev set" if found.is_clear else ""
    return f"{size} {than_dev} than on dev{expected}{clear}"


def faulty_text(n_faulty: Mapping[str, int]) -> str:
    """Say how many of the test set's cells could not be read."""
    cells = ", ".join(f"{counted(n, 'cell')} of {column!r}" for column, n in n_faulty.items())
    is_one = sum(n_faulty.values()) == 1
    of_kind = (
        "does not fit its column's kind and was" if is_one else "do not fit their column's kind and were"
    )
    return f"{cells} in the test set {of_kind} treated as missing"


def warnings_of(report: StudyReport) -> list[str]:
    """Return a sentence a warning, without a full stop."""
    after = after_look_short(report)
    found = [] if after is None else [after]
    winner = report.winner
    if winner is not None and not winner.is_reproduced:
        found.append(
            "training the winner again did not give the figures that it won with, because the processor or a"
            " library differs"
        )
    if (
        winner is not None and winner.figures is not None and report.test is None
    ):  # the test set shows it better
        metric = report.metric
        dev = metric.badness(winner.figures["dev"][metric])
        better = [
            name for name, by_set in winner.baselines.items() if metric.badness(by_set["dev"][metric]) <= dev
        ]
        if better:
            *others, last = better
            named = f"the {', the '.join(others)} or the {last}" if others else f"the {last}"
            found.append(f"on the dev set the {model_noun(report.model)} does not beat {named}")
    if report.failures_in_common is not None:
        trials = report.trials
        n_ended = trials.complete + trials.pruned + trials.failed
        found.append(f"{trials.failed} of {n_ended} trials failed: {report.failures_in_common}")
    return found


def after_look_short(report: StudyReport, *, with_figures: bool = True) -> str | None:
    """Say when the looks were, with the trials before and after; None where there are no such looks.

    Parameters
    ----------
    report
        The study's.
    with_figures
        Whether the figures that were seen are named too.
    """
    looks = report.searches_after_looks
    said = "; ".join(_of_look(look, report, with_figures=with_figures) for look in looks)
    return f"the search went on after a look at the test set: {said}" if looks else None


def after_look_sentences(report: StudyReport) -> Iterator[str]:
    """Yield what the figures of a search that went on after a look mean, each without a full stop."""
    looks, winner = report.searches_after_looks, report.winner
    if not looks or winner is None:
        return
    if any(look.winner_trial == winner.trial for look in looks):
        itself = ". This study itself has not opened the test set"
        once = ": it was computed once, and no trial was chosen by it"
        yield (
            f"The winner is still trial {winner.trial}, so the figure from that look is its figure"
            f"{itself if report.test is None else once}"
        )
        return
    if report.test is None:
        yield f"The winner is now trial {winner.trial}, which has not been evaluated on the test set"
        figure, tends = "a figure from a further look at the same rows", "would tend"
    else:
        seen = counted(len(looks), "figure")
        yield f"The test figure is from a further look at the same rows, after {seen} of theirs had been seen"
        figure, tends = "this figure", "tends"
    yield (
        "No trial was chosen by a test figure. But if the search went on because a figure disappointed,"
        f" {figure} {tends} to be too good, and its interval too narrow"
    )


def _of_look(look: SearchAfterLook, report: StudyReport, *, with_figures: bool) -> str:
    said = (
        f"look {look.look} ({look.opened_at:%Y-%m-%d %H:%M} UTC) followed {counted(look.n_trials, 'trial')},"
        f" of which trial {look.winner_trial} was the winner"
    )
    if with_figures and look.figure is not None and look.interval is not None:
        metric = report.metric
        low, high = (metric_text(metric, end) for end in look.interval)
        said += (
            f" (test {metric_name(metric)} {metric_text(metric, look.figure)}, 95 % interval {low} to {high})"
        )
    return f"{said}; {counted(look.n_after, 'trial')} came after it"


def warning_of_earlier_looks(
    earlier: EarlierLooks,
    name: str,
    *,
    goes_on: bool,
    keep_sealed: bool,
    look_again: str | None,
) -> str:
    """Say that the test set was opened, and what follows from it for the study that begins or goes on.

    Parameters
    ----------
    earlier
        The looks of others, or from before the study went on.
    name
        The study.
    goes_on
        Whether the study itself looked before it went on.
    keep_sealed
        Whether the study leaves the test set sealed anyway.
    look_again
        Why it is to be opened all the same; None where it is not to.
    """
    if keep_sealed:
        follows = f"a look by study {name} will need a reason: {earlier.unseal}"
    elif look_again is not None:
        follows = f"study {name} will look again, because: {look_again}"
    else:
        whose = f"a new winner of study {name}" if goes_on else f"study {name}"
        follows = (
            f"the test figure of {whose} will stay sealed; to see it once the study has ended:"
            f" {earlier.unseal}"
        )
    return f"{earlier.sentence}; {follows}"
