"""Whether the figure can be believed: split, seal and looks, optimism, seeds."""

from collections.abc import Iterator

from search_spaces.counted import counted
from service.advice.confirmation import Confirmation
from service.configuration.model_config import model_noun
from service.report.facts.final_facts import LookLine
from service.report.facts.report_contents import ReportContents
from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Winner
from service.report.page.blocks import Block, Bullets, Command, Paragraph, Section, Table
from service.report.page.words import SETS
from service.report.wording.final_figure import after_look_sentences, faulty_text, overfitting_text
from service.report.wording.numbers import (
    capitalized,
    metric_name,
    metric_text,
    optimism_text,
    share_text,
    size_text,
)
from service.report.wording.winner import confirmation_lines, ensemble_lines, folds_sentence
from workers.metrics.metric import Metric


def trust(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("trust", "Can it be believed?", tuple(_blocks(contents.report)))


def _blocks(report: StudyReport) -> Iterator[Block]:
    total = sum(report.n_examples.values())
    yield Table(
        caption="How the rows were divided, before anything else was done",
        columns=("set", "what for", "rows", "share"),
        rows=tuple(
            (name, SETS.get(name, ""), f"{size:,}", share_text(size / total) if total else "")
            for name, size in report.n_examples.items()
        ),
        n_words=2,
    )
    if report.copy_of is not None:
        yield Paragraph(f"The study was copied from study {report.copy_of}.", lead="A copy.")
    if report.equal_rows.sentence is not None:
        yield Paragraph(f"{report.equal_rows.sentence.capitalize()}.", lead="Equal rows.")
    if report.train_dev is not None:
        yield Paragraph(f"{capitalized(report.train_dev.sentence)}.", lead="Train-dev set.")
    yield from _seal(report)
    winner = report.winner
    if winner is not None:
        yield from _flattery(report, winner)
        yield from _seeds(report, winner)
    if report.adversarial is not None:
        check = report.adversarial
        low, high = check.interval
        differ = "differ" if check.are_apart else "show no clear difference"
        yield Paragraph(
            f"{check.compared.capitalize()} and dev rows {differ}: a classifier that tries to tell them"
            f" apart has a ROC AUC of {check.area:.3f} (95 % interval {low:.3f} to {high:.3f}; 0.5 is"
            " guessing).",
            lead="Are dev rows like train rows?",
        )


def _seal(report: StudyReport) -> Iterator[Block]:
    noun = model_noun(report.model)
    if not report.has_test_set:
        yield Paragraph(
            f"Every row was used to train the {noun} or to choose it. It was selected for this"
            " figure, so the figure is optimistic.",
            lead="There is no test set.",
        )
        return
    own, others = report.own_looks, report.others_looks
    seen = [look.study for look in report.looks if look.is_finished and look.study != report.study]
    if report.earlier_looks is not None:
        yield Paragraph(
            f"{capitalized(report.earlier_looks.sentence)}. Whoever saw those figures may have let them"
            " decide what this study searched. To open it anyway, once the search is done, give a reason,"
            " which is kept in the ledger (the list of all openings):",
            lead="The test figure is sealed.",
        )
        yield Command(report.earlier_looks.unseal)
    elif report.test is None and seen:
        yield Paragraph(
            f"The figure of another round is known: {', '.join(dict.fromkeys(seen))}.",
            lead="This study has not opened the test set.",
        )
    elif report.test is None:
        yield Paragraph(
            "Nothing but the split has read its rows, and no figure on them is known.",
            lead="The test set is sealed.",
        )
    else:
        yield Paragraph(
            "Until then nothing but the split had its rows. The opening was recorded before the figure was"
            f" computed. It has been opened {_times(len(own))} by this study"
            + (f", and {_times(len(others))} by others." if others else ", and by no other."),
            lead="The test set was sealed until one winner was evaluated on it.",
        )
        if report.test.n_faulty:
            yield Paragraph(f"{faulty_text(report.test.n_faulty)}.", is_warning=True)
    if (len(own) > 1 or others) and report.earlier_looks is None:
        yield Paragraph(
            "A figure that was seen before something was changed may have decided the change: each further"
            " look makes it a little less believable.",
            is_warning=True,
        )
    if sentences := tuple(f"{sentence}." for sentence in after_look_sentences(report)):
        yield Paragraph("", lead="The search went on after a look at the test set.")
        yield Bullets(sentences)
    if report.looks:
        yield Table(
            caption="Every opening of this test set by a study in the same database",
            columns=("study", "look", "when (UTC)", "user", "reason", "ended"),
            rows=tuple(map(_look_row, report.looks)),
            n_words=6,
        )


def _times(n: int) -> str:
    return "once" if n == 1 else counted(n, "time")


def _look_row(look: LookLine) -> tuple[str, ...]:
    ended = "with a figure" if look.is_finished else "without a figure"
    when, why = f"{look.opened_at:%Y-%m-%d %H:%M}", look.reason or "first look"
    return look.named, f"{look.look}", when, look.user, why, ended


def _flattery(report: StudyReport, winner: Winner) -> Iterator[Block]:
    """Yield how optimistic choosing made the dev figure: estimated, and seen where there is a test figure."""
    metric, said = report.metric, []
    if report.selection_bootstrap is not None:
        size = size_text(metric, max(report.selection_bootstrap.size, 0.0))
        n = report.selection_bootstrap.n_trials
        said.append(f"Estimated by choosing among {n} trials again on resampled dev rows: {size}")
    if report.optimism is not None:
        n = report.optimism.n_trials
        size = optimism_text(metric, report.optimism)
        said.append(f"Estimated at most, if all {n} trials were equally good: {size}")
    if report.test is not None and report.overfitting is not None:
        on_test = metric_text(metric, report.test.models["winner"][metric])
        on_dev = metric_text(metric, winner.figures["dev"][metric] if winner.figures else winner.dev_metric)
        seen = overfitting_text(report.overfitting, metric)
        said.append(f"Seen: {on_test} on the test set, {on_dev} on the dev set: {seen}")
    if said:
        yield Paragraph(
            "The best of many trials is partly the luckiest, so its dev figure is optimistic.",
            lead="How optimistic is the dev figure?",
        )
        yield Bullets(tuple(said))


def _seeds(report: StudyReport, winner: Winner) -> Iterator[Block]:
    metric, confirmation = report.metric, report.confirmation
    if confirmation is not None:
        yield Paragraph(
            "A figure may depend on the random numbers that training begins with. So the"
            " best trials (the finalists) were trained again with other seeds, and their means compared.",
            lead="Was it a lucky seed?",
        )
        yield Bullets(tuple(map(capitalized, confirmation_lines(confirmation, metric))))
        yield _finalists(confirmation, metric, winner=winner.trial)
    if winner.ensemble is not None:
        yield Bullets(tuple(map(capitalized, ensemble_lines(winner, metric))))
    if winner.folds is not None:
        yield Paragraph(f"{capitalized(folds_sentence(winner))}.")
        yield Table(
            caption="Its figure in each fold; the folds are parts of the rows that took turns as dev set",
            columns=("fold", f"dev {metric_name(metric)}", "best epoch"),
            rows=tuple(
                (f"{place}", metric_text(metric, figure), f"{epoch}")
                for place, (figure, epoch) in enumerate(
                    zip(winner.folds.metrics, winner.folds.best_epochs, strict=True), start=1
                )
            ),
        )
    if winner.figures is not None:
        same = (
            "Trained again from its seed, it came out the same to the last bit."
            if winner.is_reproduced
            else "Trained again from its seed, it did not give the same figures: the processor or a"
            " library differs."
        )
        yield Paragraph(same, lead="Is it repeatable?", is_warning=not winner.is_reproduced)


def _finalists(confirmation: Confirmation, metric: Metric, *, winner: int) -> Table:
    finalists = confirmation.finalists
    return Table(
        caption=f"Finalists: dev {metric_name(metric)} with their own and with other seeds",
        columns=("trial", "its own seed", "other seeds", "mean", "deviation", "failed runs"),
        rows=tuple(
            (
                f"{each.trial}",
                metric_text(metric, each.first_figure),
                ", ".join(metric_text(metric, figure) for figure in each.other_figures) or "-",
                metric_text(metric, each.mean),
                "-" if each.deviation is None else size_text(metric, each.deviation),
                f"{each.n_failed}",
            )
            for each in finalists
        ),
        strong=tuple(place for place, each in enumerate(finalists) if each.trial == winner),
    )
