"""The test figure in words: learned at all, better than simpler models, overfitted, by class."""

from collections.abc import Iterator, Mapping, Sequence

from search_spaces.counted import counted
from service.report.facts.comparison import Difference, Verdict
from service.report.facts.final_facts import Overfitting, TestFigures
from service.report.facts.study_report import StudyReport
from service.report.wording.metrics import metric_name, metric_text, size_text
from service.report.wording.search_after_look import after_look_short
from service.report.wording.slices import printable
from service.winner.examination.by_class import ByClass, ClassFigures
from workers.metrics.metric import BALANCED, Metric

NOTHING_LEARNED = "No evidence of learning"

_CONSTANTS = {
    "majority class": "always predicting the most frequent class",
    "mean": "always predicting the mean",
}


def nothing_learned_text(report: StudyReport) -> str | None:
    """Say that the network is not better than a constant beyond chance; None where it is, or nobody knows."""
    learned, metric = report.learned, report.metric
    if learned is None or learned.is_beyond_chance:
        return None
    than = _CONSTANTS.get(learned.constant, f"the {learned.constant}")
    by, side = size_text(metric, abs(learned.gain)), "better" if learned.gain > 0 else "worse"
    told = f"the network is not significantly better than {than} ({learned.examples} {metric_name(metric)}"
    told += f" {by} {side}, ± {size_text(metric, learned.margin)}"
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
        What is told.
    """
    for name, by_metric in reversed(test.differences.items()):
        yield against(name, by_metric[metric], metric)


def verdict_sentences(test: TestFigures, metric: Metric, *, with_figures: bool = False) -> str:
    """Say in short which simpler models the network beats, and which it does not.

    Parameters
    ----------
    test
        What the opening showed.
    metric
        What is compared.
    with_figures
        Whether each model's figure on the same rows stands beside its name.
    """
    by_verdict: dict[Verdict, list[str]] = {}
    for name, by_metric in reversed(test.differences.items()):
        figure = f" ({metric_text(metric, test.models[name][metric])})" if with_figures else ""
        by_verdict.setdefault(by_metric[metric].verdict, []).append(f"the {name}{figure}")
    return " ".join(
        words.format(_any_of(by_verdict[verdict], "or" if verdict is Verdict.NO_DIFFERENCE else "and"))
        for verdict, words in _SENTENCES.items()
        if verdict in by_verdict
    )


_SENTENCES = {
    Verdict.BETTER: "The network is significantly better than {}.",
    Verdict.WORSE: "The network is significantly worse than {}.",
    Verdict.NO_DIFFERENCE: "The network is not significantly different from {}.",
    Verdict.UNKNOWN: "These rows give no interval for the difference from {}.",
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
        return f"compared with the {name}: {seems} ({found.method})"
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


def by_class_lines(found: ByClass) -> tuple[str, str]:
    """Return two lines: the plain error beside that of one constant class, and one class's figures."""
    one = found.pointed_out
    name = printable(one.name)
    plain = f"plain error {_share(found.error)}; always predicting {printable(found.commonest)}"
    recall = f"recall {_share(one.recall)} ({one.n_right:,} of {one.n_examples:,} found)"
    precision = f"no row is predicted as {name}"
    if one.precision is not None:
        predicted = f"{one.n_right:,} of {one.n_predicted:,} predicted"
        precision = f"precision {_share(one.precision)} ({predicted})"
    return (
        f"{plain}: {_share(found.error_of_commonest)}",
        f"{name}, {_why(found)}: {recall}, {precision}",
    )


def by_class_sentences(found: ByClass, metric: Metric) -> str:
    """Say the same for who does not know the words.

    Parameters
    ----------
    found
        How the winner does on each class.
    metric
        The study's metric.
    """
    averaged = "error rates" if metric is Metric.BALANCED_ERROR else "F1 scores"
    one = found.pointed_out
    mean = (
        f"This figure is the mean of the classes' {averaged}, so a rare class counts as much as a common one."
    )
    return (
        f"{mean if metric in BALANCED else 'The classes differ much in size.'}"
        f" Counted by rows, the network gets {_share(found.error)} of them wrong; always"
        f" predicting {printable(found.commonest)} gets {_share(found.error_of_commonest)} wrong."
        f" {_class_sentence(one, _why(found))}"
    )


def _class_sentence(one: ClassFigures, why: str) -> str:
    name = printable(one.name)
    said = f"Of {counted(one.n_examples, 'row')} of {name}, {why}, it finds {one.n_right:,} (recall"
    said += f" {_share(one.recall)})"
    if one.precision is None:
        return f"{said}; it predicts {name} for no row."
    predicted = counted(one.n_predicted, "row")
    said += f"; of {predicted} that it predicts as {name}, {one.n_right:,} are {name}"
    return f"{said} (precision {_share(one.precision)})."


def _why(found: ByClass) -> str:
    """Say why this class is pointed out."""
    if len(found.classes) > 2:
        return "the class with the lowest recall"
    return "the rarer class" if found.pointed_out.name != found.commonest else "the only class here"


def _share(share: float | None) -> str:
    return "unknown" if share is None else metric_text(Metric.ERROR, share)


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
    if winner is not None and winner.figures is not None and report.test is None:  # the test set tells better
        metric = report.metric
        dev = metric.badness(winner.figures["dev"][metric])
        better = [
            name for name, by_set in winner.baselines.items() if metric.badness(by_set["dev"][metric]) <= dev
        ]
        if better:
            *others, last = better
            named = f"the {', the '.join(others)} or the {last}" if others else f"the {last}"
            found.append(f"on the dev set the network does not beat {named}")
    if report.failures_in_common is not None:
        trials = report.trials
        n_ended = trials.complete + trials.pruned + trials.failed
        found.append(f"{trials.failed} of {n_ended} trials failed: {report.failures_in_common}")
    return found
