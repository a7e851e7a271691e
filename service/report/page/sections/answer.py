"""The answer: one figure, what it means, and what simpler models reach."""

from collections.abc import Iterator

from search_spaces.counted import counted
from service.configuration.model_config import model_noun
from service.report.facts.final_facts import TestFigures
from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Winner
from service.report.page.blocks import Block, Headline, Paragraph, Section, Table
from service.report.page.winner_pictures import residual_picture
from service.report.page.words import table_name
from service.report.wording.final_figure import (
    NOTHING_LEARNED,
    gain_ends,
    nothing_learned_text,
    verdict_sentences,
    warnings_of,
)
from service.report.wording.numbers import (
    capitalized,
    figure_sentence,
    metric_name,
    metric_text,
    optimism_text,
    size_text,
)
from service.report.wording.winner import (
    by_class_sentences,
    by_model_and_set,
    other_name,
    printable,
    shipped_name,
    shipped_noun,
)
from service.winner.examination.baselines import MAJORITY_CLASS, MEAN
from service.winner.examination.figures import ByClass
from workers.metrics.metric import BALANCED, Metric

MOST_CLASSES = 20
"""Of more classes the table has those with the lowest recall."""

_KNOWN_SETS: tuple[str, ...] = ("train", "train-dev", "dev")
_IN_WORDS = {
    MAJORITY_CLASS: "always predicting the commonest class",
    MEAN: "always predicting the mean",
}


def answer(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("answer", "The answer", tuple(_blocks(contents.report)))


def _blocks(report: StudyReport) -> Iterator[Block]:
    winner, metric = report.winner, report.metric
    nothing = nothing_learned_text(report)
    if nothing is not None:
        yield Paragraph(f"{capitalized(nothing)}.", lead=f"{NOTHING_LEARNED}.", is_warning=True)
    if winner is None:
        trials = report.trials
        ended = trials.complete + trials.pruned + trials.failed
        yield Paragraph(
            f"No trial is complete yet, of {counted(ended, 'trial')} that ended: there is no"
            f" {model_noun(report.model)} to report on.",
            lead="There is no answer yet.",
        )
    elif report.test is not None:
        yield from _opened(report, report.test, winner)
    else:
        figure = winner.figures["dev"][metric] if winner.figures else winner.dev_metric
        label = f"{metric_name(metric)} on the dev set, which the {model_noun(report.model)} was chosen by"
        yield Headline(metric_text(metric, figure), label)
        yield Paragraph(dev_sentence(report, winner), lead=lead_of(report))
        yield from _by_class(report, winner, winner.dev_by_class, "dev")
    if winner is not None and winner.figures is not None:
        yield _models(winner, report)
    if winner is not None and report.test is not None and report.test.differences:
        yield _differences(report.test, report.metric, noun=shipped_noun(winner))
    yield from _predicted_and_actual(report)
    for warning in warnings_of(report):
        yield Paragraph(f"{capitalized(warning)}.", lead="Warning.", is_warning=True)


def _predicted_and_actual(report: StudyReport) -> Iterator[Block]:
    """Show a regression's predictions on the dev set; test rows are never shown one by one."""
    analysis = report.dev_analysis
    if analysis is None or analysis.residuals is None:
        return
    n_examples = analysis.n_examples
    picture = residual_picture(analysis.residuals, target=report.target, n_examples=n_examples)
    if picture is not None:
        yield picture


def lead_of(report: StudyReport) -> str:
    """Return what must be known of a figure that is none of a test set."""
    if report.better_study is not None:
        another = "round" if report.contest is None else "kind of model"
        return (
            f"Another {another} is better: the winner of study {report.better_study} is evaluated on the"
            " test set."
        )
    if report.earlier_looks is not None:
        return f"The test figure is sealed: {report.earlier_looks.sentence}."
    if any(look.is_finished for look in report.looks):
        return "This study has not opened the test set, so this is no final figure."
    if report.has_test_set:
        return "The test set is still sealed, so this is no final figure."
    return "No test set was held back, so this is a dev figure."


def dev_sentence(report: StudyReport, winner: Winner) -> str:
    """Say what the dev figure means, and how optimistic it is."""
    metric = report.metric
    n_dev = report.n_examples.get("dev", report.n_examples.get("train", 0))
    figure = winner.figures["dev"][metric] if winner.figures else winner.dev_metric
    means = figure_sentence(metric, figure, target=report.target)
    over = "rows, in folds that took turns" if winner.folds else "rows that it was chosen by"
    noun = model_noun(report.model)
    said = f"A {noun} was trained to predict {report.target} from {table_name(report.table)}:"
    said += f" on {n_dev:,} {over}, {means}."
    if report.optimism is not None:
        said += (
            f" Because the {noun} was chosen for this figure, it is optimistic by about"
            f" {optimism_text(metric, report.optimism)}."
        )
    return said


def _opened(report: StudyReport, test: TestFigures, winner: Winner) -> Iterator[Block]:
    metric, noun = report.metric, shipped_noun(winner)
    figure = test.models["winner"][metric]
    low, high = (metric_text(metric, end) for end in test.interval)
    yield Headline(
        metric_text(metric, figure),
        f"{metric_name(metric)} on {test.n_examples:,} rows that nothing was fitted to or chosen by",
        f"95 % interval {low} to {high}{_plain_error(metric, test.by_class)}",
    )
    means = figure_sentence(metric, figure, target=report.target)
    constant = next((name for name in (MAJORITY_CLASS, MEAN) if name in test.models), None)
    beside = ""
    if constant is not None:
        beside = f", where {_IN_WORDS[constant]} reaches {metric_text(metric, test.models[constant][metric])}"
    yield Paragraph(
        f"On {test.n_examples:,} rows that were used neither to train the {noun} nor to choose it,"
        f" {means}{beside}; the 95 % interval of the {noun}'s figure is {low} to {high}.",
        lead="What it means.",
    )
    if test.differences:
        yield Paragraph(verdict_sentences(test, metric, noun=noun, with_figures=True), lead="Is it good?")
    yield from _by_class(report, winner, test.by_class, "test")


def _plain_error(metric: Metric, found: ByClass | None) -> str:
    """Return the plain error, to stand beside a balanced figure; nothing beside another."""
    if metric not in BALANCED or found is None:
        return ""
    return f"; plain error {metric_text(Metric.ERROR, found.error)}"


def _by_class(report: StudyReport, winner: Winner, found: ByClass | None, name: str) -> Iterator[Block]:
    """Say what a balanced figure hides, or one of unbalanced classes: the plain error, and each class's."""
    if found is None or not (report.metric in BALANCED or found.is_unbalanced):
        return
    yield Paragraph(
        by_class_sentences(found, report.metric, noun=shipped_noun(winner)), lead="Class by class."
    )
    by_recall = sorted(found.classes, key=lambda each: (each.recall is None, each.recall))
    shown = found.classes if len(by_recall) <= MOST_CLASSES else by_recall[:MOST_CLASSES]
    some = (
        f": the {MOST_CLASSES} of {len(by_recall)} with the lowest recall"
        if len(shown) < len(by_recall)
        else ""
    )
    yield Table(
        caption=f"Each class of the {name} set{some}",
        columns=("class", "rows", "predicted as it", "recall", "precision"),
        rows=tuple(
            (
                printable(each.name),
                f"{each.n_examples:,}",
                f"{each.n_predicted:,}",
                *(
                    "-" if share is None else metric_text(Metric.ERROR, share)
                    for share in (each.recall, each.precision)
                ),
            )
            for each in shown
        ),
    )


def _differences(test: TestFigures, metric: Metric, *, noun: str) -> Table:
    """Return what the winner's figure is better or worse by than each simpler model's."""
    rows = []
    for name, by_metric in reversed(test.differences.items()):
        found = by_metric[metric]
        gain = -metric.badness(found.value)
        rows.append((name, size_text(metric, gain), gain_ends(found, metric), found.verdict.value))
    return Table(
        caption=f"The {noun}'s gain in {metric_name(metric)} over simpler models, on the same test rows",
        columns=("model", "gain", "95 % interval", f"verdict on the {noun}"),
        rows=tuple(rows),
    )


def _models(winner: Winner, report: StudyReport) -> Table:
    """Return the figures of winner and baselines, set by set."""
    metric = report.metric
    sets = [name for name in _KNOWN_SETS if name in (winner.figures or {})]
    sets += ["test"] if report.has_test_set else []
    rows = []
    for model, by_set in by_model_and_set(winner, report).items():
        unknown = "-" if model == other_name(winner) else "sealed"
        cells = [metric_text(metric, by_set[name][metric]) if name in by_set else unknown for name in sets]
        rows.append((model, *cells))
    noun = capitalized(shipped_noun(winner))
    return Table(
        caption=f"{noun} and simpler models: {metric_name(metric)} by set of rows; {_sense(metric)}",
        columns=("model", *sets),
        rows=tuple(rows),
        strong=tuple(place for place, row in enumerate(rows) if row[0] == shipped_name(winner)),
    )


def _sense(metric: Metric) -> str:
    return "higher is better" if metric.higher_is_better else "lower is better"
