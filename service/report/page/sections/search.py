"""What the search found: hyperparameters, what mattered, where good ones lie, how long it took."""

from collections.abc import Iterator

from search_spaces.counted import counted
from service.advice.rounds import Rounds
from service.report.facts.importance import Importance
from service.report.facts.report_contents import Axis, ReportContents
from service.report.facts.search_facts import DEFAULT, SAMPLER
from service.report.facts.study_report import StudyReport
from service.report.facts.winner_facts import Winner
from service.report.page.blocks import Block, Bullets, Folded, Numbers, Paragraph, Picture, Section, Table
from service.report.page.drawing import number_text
from service.report.page.trial_pictures import (
    TRIALS,
    best_so_far_picture,
    by_importance,
    drawn_trials,
    importance_picture,
    slice_pictures,
    survivors_picture,
)
from service.report.wording.numbers import (
    capitalized,
    duration_text,
    metric_name,
    metric_text,
    model_figure_text,
    share_text,
    value_text,
)
from service.report.wording.search import foreign_lines, origin_text, set_aside_lines
from service.study.search.search_budget import EndingReason
from workers.metrics.metric import Metric


def round_blocks(rounds: Rounds, metric: Metric) -> Iterator[Block]:
    """Yield the studies in a row, of which this is one."""
    yield Table(
        caption=f"Rounds of search, each following the advice of the one before; dev {metric_name(metric)}",
        columns=("study", "step", "trouble", f"dev {metric_name(metric)}", "trials", "epochs"),
        rows=tuple(
            (
                line.study,
                line.step or "the first",
                line.trouble or "-",
                "-" if line.dev_metric is None else metric_text(metric, line.dev_metric),
                f"{line.trials:,}",
                f"{line.epochs:,}",
            )
            for line in rounds.rounds
        ),
        n_words=3,
        strong=tuple(place for place, line in enumerate(rounds.rounds) if line.study == rounds.winner),
    )
    changes = tuple(f"{line.study}: {why}" for line in rounds.rounds for why in line.reasons.values())
    if changes:
        yield Bullets(changes)
    if rounds.ending is not None:
        yield Paragraph(f"No further round: {rounds.ending}.")


def search(contents: ReportContents) -> Section:
    """Return the section."""
    return Section("search", "What the search found", tuple(_blocks(contents)))


def _blocks(contents: ReportContents) -> Iterator[Block]:
    report = contents.report
    yield Paragraph(_course(report))
    yield from _rest(report)
    if report.rounds is not None:
        yield from round_blocks(report.rounds, report.metric)
    if report.winner is not None:
        yield _hyperparameters(contents, report.winner)
    if contents.importances is not None:
        picture = importance_picture(contents.importances)
        if picture is not None and any(each.is_clear for each in contents.importances.importances):
            yield picture
        elif picture is not None:
            yield Folded("What mattered: all of it may be chance", (picture,))
    elif contents.why_no_importances is not None:
        yield Paragraph(f"Which hyperparameters mattered is unknown: {contents.why_no_importances}.")
    yield from _pictures(contents)
    if contents.points:
        yield _trials(contents)


def _pictures(contents: ReportContents) -> Iterator[Picture]:
    drawn = drawn_trials(contents)
    if drawn is not None:
        best = best_so_far_picture(contents, drawn)
        if best is not None:
            yield best
        yield from slice_pictures(contents, drawn)
    survivors = survivors_picture(contents)
    if survivors is not None:
        yield survivors


def _course(report: StudyReport) -> str:
    trials = report.trials
    ended = trials.complete + trials.pruned + trials.failed
    said = f"{ended:,} of {counted(trials.budget, 'trial')} ended: {trials.complete:,} trained to the end,"
    said += f" {trials.pruned:,} pruned (ended early as unpromising), {trials.failed:,} failed"
    n_left = 0 if report.ending is not None else trials.budget - ended
    said += f", and {n_left:,} are still to be run." if n_left else "."
    said += f" They were trained in {duration_text(report.search_seconds)}"
    said += f" ({duration_text(report.training_seconds)} summed over trials)."
    if report.confirmation is not None:
        runs = counted(trials.confirmation_runs, "run")
        seconds = duration_text(report.confirmation.training_seconds)
        said += f" Then the finalists were trained with other seeds: {runs}, {seconds} of training."
    if report.ending is not None and report.ending.reason is not EndingReason.TRIALS:
        said += f" Why the search ended: {report.ending.text}."
    return said


def _rest(report: StudyReport) -> Iterator[Block]:
    """Yield what is not as always: points from elsewhere, failures."""
    if set(report.origins) - {SAMPLER, DEFAULT}:
        points = ", ".join(f"{n} {origin_text(origin)}" for origin, n in report.origins.items())
        yield Paragraph(f"Where the points that were tried came from: {points}.")
    if report.failures:
        yield Paragraph("", lead="Why trials failed")
        by_number = sorted(report.failures.items(), key=lambda item: -item[1])
        yield Bullets(tuple(f"{n} x: {reason}" for reason, n in by_number))
    if report.set_aside:
        yield Paragraph("", lead="Trials set aside")
        yield Bullets(tuple(set_aside_lines(report.set_aside)))
    if report.foreign_trials:
        yield Paragraph("", lead="Trials of other tools")
        yield Bullets(tuple(foreign_lines(report.foreign_trials)))


def _hyperparameters(contents: ReportContents, winner: Winner) -> Table:
    """Return the winner's hyperparameters: those that were searched, then those fixed at no default."""
    values = winner.hyperparameters
    importances = {
        each.hyperparameter: each
        for each in (contents.importances.importances if contents.importances else ())
    }
    rows = [
        (
            axis.name,
            value_text(values[axis.name]),
            _searched_text(axis),
            _importance_text(importances.get(axis.name)),
        )
        for axis in by_importance(contents)
        if axis.name in winner.searched
    ]
    rows += [(name, value_text(values[name]), "fixed", "") for name in winner.fixed]
    shown = "".join(f" {capitalized(model_figure_text(*figure))}." for figure in winner.model_figures.items())
    return Table(
        caption=f"The winner, trial {winner.trial}; hyperparameters not listed have their defaults.{shown}",
        columns=("hyperparameter", "value", "searched", "importance"),
        rows=tuple(rows),
        n_words=3,
    )


def _searched_text(axis: Axis) -> str:
    if axis.choices is not None:
        return "one of " + ", ".join(map(value_text, axis.choices))
    log = ", on a log scale" if axis.is_log else ""
    return f"{number_text(axis.low)} to {number_text(axis.high)}{log}"


def _importance_text(importance: Importance | None) -> str:
    if importance is None or importance.share is None:
        return ""
    chance = "" if importance.is_clear else " (may be chance)"
    return share_text(importance.share) + chance


def _trials(contents: ReportContents) -> Numbers:
    """Return all trials, to be downloaded."""
    names = [axis.name for axis in contents.axes]
    return Numbers(
        TRIALS,
        ("trial", "state", f"dev {metric_name(contents.report.metric)}", "epochs", *names),
        tuple(
            (
                point.trial,
                point.state.name.lower(),
                point.figure,
                point.epochs,
                *(point.values.get(name) for name in names),
            )
            for point in contents.points
        ),
    )
